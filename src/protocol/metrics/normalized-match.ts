/** The answer is the reference answer, but for case, spaces, punctuation and how numbers are written. */
import { type MetricModule, SHARE } from './metric.js';
import { normalizedText } from './normalized-text.js';

export const NORMALIZED_MATCH: MetricModule = {
  ...SHARE,
  answer_kind: 'scored-text',
  words: 'answers equal to the reference',
  heading: 'equal answers',
  meaning: 'Right when the answer is the reference, but for case, spaces, punctuation and how numbers are written.',
  is_count: true,
  score: (answer, expected) => (normalizedText(answer) === normalizedText(expected) ? 1 : 0),
};
