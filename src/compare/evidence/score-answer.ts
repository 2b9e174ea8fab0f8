/** How right an answer is, in each metric of the gate's kind of answer. A pure function. */
import { answerForm, type Gate } from '../../protocol/gate.js';
import { type AnswerScores, metricModule, metricsOfKind } from '../../protocol/metrics/metrics.js';

/** @param expected the reference answer. Text has no scores: it is measured by the log-probability of the reference */
export function scoreAnswer(gate: Gate, answer: string, expected: string): AnswerScores {
  const form = answerForm(gate);
  const scores = metricsOfKind(gate.metric).flatMap((metric) => {
    const { score } = metricModule(metric);
    return score ? [[metric, score(answer, expected, form)] as const] : [];
  });
  return Object.fromEntries(scores);
}
