/** The figure that a gate's metric gives each row a candidate has answered. Pure functions. */
import type { AnswerEvidence, Evidence, ReferenceEvidence } from '../../protocol/evidence.js';
import type { Metric } from '../../protocol/gate.js';

export interface MetricValue {
  example_id: string;
  group: string;
  value: number;
}

export function metricValues(metric: Metric, evidence: Evidence[], candidate: string): MetricValue[] {
  const mine = evidence.filter((line) => line.candidate === candidate);
  if (metric === 'reference_logprob') {
    const lines = mine.filter((line): line is ReferenceEvidence => line.kind === 'reference');
    return lines.map(({ example_id, group, logprob }) => ({ example_id, group, value: logprob }));
  }
  const answers = mine.filter((line): line is AnswerEvidence => line.kind === 'answer');
  return answers.map(({ example_id, group, scores }) => ({ example_id, group, value: scores[metric] ?? 0 }));
}
