/** All fields of a record are right, and there is no other. */
import { type MetricModule, SHARE } from './metric.js';
import { parseRecord, rightFields } from './record.js';

export const EXACT_MATCH: MetricModule = {
  ...SHARE,
  answer_kind: 'record',
  words: 'exact records',
  heading: 'exact records',
  meaning: 'Right when the answer is a JSON object whose fields are all as in the reference, with no other field.',
  is_count: true,
  score: (answer, expected, { fields }) => {
    const hasOthers = Object.keys(parseRecord(answer) ?? {}).some((field) => !fields.includes(field));
    return rightFields(answer, expected, fields) === 1 && !hasOthers ? 1 : 0;
  },
};
