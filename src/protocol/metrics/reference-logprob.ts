/** Mean log-probability of the reference answer, nats a token. It is no measure of quality: it can stop a candidate, and never ship one. */
import { type MetricModule, signed } from './metric.js';

export const REFERENCE_LOGPROB: MetricModule = {
  answer_kind: 'text',
  words: 'log-probability of the reference answer',
  heading: 'reference answer, a token',
  meaning: 'How likely the model finds the reference answer. It is no measure of quality: it can stop a model and never ship one.',
  unit: 'nats a token',
  range: null,
  is_count: false,
  never_ships:
    'how likely the reference answers are is not a measure of quality, so it can stop a candidate and never ship one: read the answers, or let people judge them',
  score: null,
  amount: (difference) => (Math.abs(difference) > 1e6 ? 'unbounded' : `${signed(difference, 2)} nats a token`),
  figure: (value) => `${value.toFixed(2).replace('-', '−')} nats`,
  axis_step: 1,
};
