/** Recomputing a comparison from its files: hashes, scores and every figure of every verdict. */
import { Verdict } from '../protocol/verdict.js';
import { readLines } from '../store/files.js';
import { sha256Value } from '../store/hash.js';
import { comparisonFiles } from '../store/home.js';
import { identityOf } from './candidates.js';
import { asJudged, readComparison } from './comparison.js';
import { exampleId } from './evidence/measuring.js';
import { readEvidence } from './evidence/read-evidence.js';
import { scoreAnswer } from './evidence/score-answer.js';
import { panelOf, readReviews } from './review.js';
import { reachVerdict } from './verdict/reach-verdict.js';

/** @returns what was checked, and what does not recompute (empty: all is well) */
export function verifyComparison(folder: string): { checked: string[]; problems: string[] } {
  const comparison = readComparison(folder);
  const files = comparisonFiles(folder);
  const evidence = readEvidence(files.evidence);
  const verdicts = readLines(files.verdicts, Verdict);
  const rows = new Map(comparison.test.map((row) => [exampleId(row), row]));
  const identities = new Map(comparison.candidates.map(({ name, identity }) => [name, identity]));
  const problems: string[] = [];

  for (const candidate of comparison.candidates) {
    const { name, identity } = candidate;
    if (identityOf(candidate) !== identity) problems.push(`candidate ${name} does not match its identity ${identity.slice(0, 12)}…`);
  }
  for (const line of evidence) {
    const place = `evidence ${line.id.slice(0, 12)}…`;
    if (line.gate_sha256 !== comparison.gate_sha256) problems.push(`${place} was gathered under another gate`);
    for (const { name, identity } of line.candidates) {
      if (identity !== identities.get(name)) problems.push(`${place} is of another candidate than ${name}`);
    }
    if (line.kind !== 'answer') continue;
    const row = rows.get(line.example_id);
    if (!row) problems.push(`${place} answers a row that is not in test.jsonl`);
    else if (sha256Value(scoreAnswer(comparison.gate, line.answer, row.messages.at(-1)?.content ?? '')) !== sha256Value(line.scores)) {
      problems.push(`${place} has other scores than its answer`);
    }
  }
  verdicts.forEach((verdict, index) => {
    const place = `verdict ${index + 1}`;
    // Evidence is only ever appended: an earlier verdict used its first lines.
    const used = evidence
      .map((_, i) => evidence.slice(0, evidence.length - i))
      .find((lines) => sha256Value(lines) === verdict.evidence_sha256);
    if (!used) {
      problems.push(`${place} rests on evidence that is not there any more`);
      return;
    }
    if (verdict.gate_sha256 !== comparison.gate_sha256) problems.push(`${place} was reached under another gate`);
    const { at: _at, look: _look, gate_sha256: _gate, evidence_sha256: _evidence, ...stored } = verdict;
    const again = reachVerdict(asJudged(comparison.gate, verdict.challenger), used);
    if (sha256Value(again) !== sha256Value(stored)) problems.push(`${place} has other figures than its evidence gives`);
  });
  const reviews = readReviews(comparison, evidence);
  // A comparison is reviewed before it is judged: with a verdict, no review may be missing.
  const panel = verdicts.length > 0 ? panelOf(comparison, evidence) : [];
  if (sha256Value(reviews) !== sha256Value(panel)) problems.push('the reviews are not those that the panel gives for this evidence');
  const numAnswers = evidence.filter(({ kind }) => kind === 'answer').length;
  return {
    checked: [
      `gate ${comparison.gate_sha256.slice(0, 12)}… on ${evidence.length} lines of evidence`,
      `${comparison.candidates.length} candidates`,
      `scores of ${numAnswers} answers`,
      `every figure of ${verdicts.length} verdicts`,
      `${reviews.length} reviews`,
    ],
    problems,
  };
}
