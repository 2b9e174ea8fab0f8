/** The reference answer stands in the answer, as whole words; case, spaces and punctuation do not matter. */
import { type MetricModule, SHARE } from './metric.js';
import { normalizedText } from './normalized-text.js';

export const CONTAINS: MetricModule = {
  ...SHARE,
  answer_kind: 'scored-text',
  words: 'answers that contain the reference',
  heading: 'contains it',
  meaning: 'Right when the reference stands in the answer as whole words, whatever is around it.',
  is_count: true,
  is_asked_for: true,
  score: (answer, expected) => (` ${normalizedText(answer)} `.includes(` ${normalizedText(expected)} `) ? 1 : 0),
};
