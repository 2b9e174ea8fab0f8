/** The verdict that a comparison's files and the ledger give. */
import type { Verdict } from '../protocol/verdict.js';
import { sha256Value } from '../store/hash.js';
import { planAttempt, type Series } from './attempts.js';
import { asJudged, type Comparison, comparisonId, measuredEvidence } from './comparison.js';
import { reachVerdict } from './verdict/reach-verdict.js';

/** @param at when it is reached, or was */
export function recomputeVerdict(comparison: Comparison, challenger: string, { series, at }: { series: Series; at: string }): Verdict {
  const { gate, gate_sha256, record } = comparison;
  const evidence = measuredEvidence(comparison);
  const plan = planAttempt(series, comparisonId(comparison), challenger);
  return {
    at,
    gate_sha256,
    evidence_sha256: sha256Value(evidence),
    caveats: record.caveats,
    ...reachVerdict(asJudged(gate, challenger), evidence, plan),
  };
}
