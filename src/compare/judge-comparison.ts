/** A verdict: reached once, as an attempt that the ledger counts, from files that are as they were recorded. */
import type { JudgedAttempt } from '../protocol/ledger.js';
import { refuseProblems } from '../protocol/refuse-problems.js';
import { Verdict } from '../protocol/verdict.js';
import { appendLine, readLines } from '../store/files.js';
import { sha256Value } from '../store/hash.js';
import { comparisonFiles, homeOf } from '../store/home.js';
import { recordInLedger } from '../store/ledger.js';
import { seriesOf } from './attempts.js';
import { type Comparison, comparisonId } from './comparison.js';
import { recomputeVerdict } from './recompute-verdict.js';
import { problemsBeforeVerdict } from './verify/verify-comparison.js';

/**
 * Judges the evidence there is, by default for the gate's own challenger. What was judged before gives that verdict again.
 * @throws AppError not-verified with all that was changed since it was recorded, ledger-broken
 */
export function judgeComparison(comparison: Comparison, challenger = comparison.gate.challenger): Verdict {
  const { folder } = comparison;
  return recordInLedger(homeOf(folder), (ledger, at) => {
    const id = comparisonId(comparison);
    refuseProblems(id, problemsBeforeVerdict(comparison, ledger));
    const series = seriesOf(ledger.entries, id, challenger);
    const judged = series.attempts.find((one) => one.comparison === id && one.challenger === challenger);
    const verdict = recomputeVerdict(comparison, challenger, { series, at: judged?.at ?? at });
    const verdict_sha256 = sha256Value(verdict);
    if (judged && judged.verdict_sha256 !== verdict_sha256)
      refuseProblems(id, [`the verdict on ${challenger} is not the one that the ledger has`]);
    const { verdicts } = comparisonFiles(folder);
    // The ledger first: a verdict that a crash kept out of the file is written there the next time.
    const then = () => {
      if (!readLines(verdicts, Verdict).some((known) => known.challenger === challenger)) appendLine(verdicts, verdict);
    };
    return { records: judged ? [] : [{ kind: 'verdict', ...shortened(id, verdict, verdict_sha256) }], result: verdict, then };
  });
}

function shortened(comparison: string, verdict: Verdict, verdict_sha256: string): JudgedAttempt {
  const { challenger, evidence_sha256, attempt, planned_attempts, decision, would_be, metric, margin, baselines } = verdict;
  const { baseline, difference } = baselines[0] as Verdict['baselines'][number];
  return {
    comparison,
    challenger,
    verdict_sha256,
    evidence_sha256,
    attempt,
    planned_attempts,
    decision,
    would_be,
    metric,
    margin,
    strongest: { baseline, difference },
  };
}
