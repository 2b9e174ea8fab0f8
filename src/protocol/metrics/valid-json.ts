/** The answer is a JSON object. */
import { type MetricModule, SHARE } from './metric.js';
import { parseRecord } from './record.js';

export const VALID_JSON: MetricModule = {
  ...SHARE,
  answer_kind: 'record',
  words: 'valid JSON',
  heading: 'valid JSON',
  meaning: 'Right when the answer is a JSON object, whatever stands in it.',
  is_count: false,
  score: (answer) => (parseRecord(answer) ? 1 : 0),
};
