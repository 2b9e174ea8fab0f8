/** Whether the verdicts are those that the ledger has, and those that the evidence gives. */
import type { Evidence } from '../../protocol/evidence.js';
import { Verdict } from '../../protocol/verdict.js';
import { readLines } from '../../store/files.js';
import { sha256Value } from '../../store/hash.js';
import { comparisonFiles } from '../../store/home.js';
import { type Ledger, recordsOf } from '../../store/ledger.js';
import { seriesOf } from '../attempts.js';
import { type Comparison, comparisonId } from '../comparison.js';
import { recomputeVerdict } from '../recompute-verdict.js';
import { panelOf, readReviews } from '../review.js';

/** @returns what was changed */
export function checkVerdicts(comparison: Comparison, evidence: Evidence[], ledger: Ledger): { verdicts: Verdict[]; problems: string[] } {
  const id = comparisonId(comparison);
  const verdicts = readLines(comparisonFiles(comparison.folder).verdicts, Verdict);
  const recorded = recordsOf(ledger, 'verdict').filter((record) => record.comparison === id);
  const problems: string[] = [];
  for (const { challenger } of recorded) {
    if (!verdicts.some((verdict) => verdict.challenger === challenger))
      problems.push(`the verdict on ${challenger} that the ledger has is missing`);
  }
  for (const [index, verdict] of verdicts.entries()) {
    const { challenger } = verdict;
    const place = `verdict ${index + 1}, on ${challenger},`;
    const record = recorded.find((one) => one.challenger === challenger);
    if (!record) problems.push(`${place} is not in the ledger`);
    else if (record.verdict_sha256 !== sha256Value(verdict)) problems.push(`${place} is not the one that the ledger has`);
    if (verdicts.findIndex((one) => one.challenger === challenger) !== index) problems.push(`${place} is there twice`);
    if (verdict.evidence_sha256 !== sha256Value(evidence)) problems.push(`${place} rests on other evidence than there is`);
    const series = seriesOf(ledger.entries, id, challenger);
    const again = recomputeVerdict(comparison, challenger, { series, at: record?.at ?? verdict.at });
    if (sha256Value(again) !== sha256Value(verdict)) problems.push(`${place} has other figures than its evidence and the ledger give`);
  }
  return { verdicts, problems };
}

/** A comparison is reviewed before it is judged: with a verdict, no review may be missing. */
export function checkReviews(comparison: Comparison, evidence: Evidence[]): { num_reviews: number; problems: string[] } {
  const reviews = readReviews(comparison, evidence);
  const isSame = sha256Value(reviews) === sha256Value(panelOf(comparison, evidence));
  return {
    num_reviews: reviews.length,
    problems: isSame ? [] : ['the reviews are not those that the panel gives for this evidence'],
  };
}
