/** The figure that a gate's metric gives each row a candidate has answered. Pure functions. */
import { type AnswerEvidence, type Evidence, isOf, type ReferenceEvidence } from '../../protocol/evidence.js';
import { type AnswerScores, type Metric, metricModule } from '../../protocol/metrics/metrics.js';

export interface MetricValue {
  example_id: string;
  group: string;
  value: number;
}

export function metricValues(metric: Metric, evidence: Evidence[], candidate: string): MetricValue[] {
  const mine = evidence.filter((line) => isOf(line, candidate));
  if (metricModule(metric).score === null) {
    const lines = mine.filter((line): line is ReferenceEvidence => line.kind === 'reference');
    return lines.map(({ example_id, group, logprob }) => ({ example_id, group, value: logprob }));
  }
  const answers = mine.filter((line): line is AnswerEvidence => line.kind === 'answer');
  return answers.map(({ example_id, group, scores }) => ({ example_id, group, value: scores[metric as keyof AnswerScores] ?? 0 }));
}
