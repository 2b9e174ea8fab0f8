/** Share of a record's fields that are right. */
import { type MetricModule, SHARE } from './metric.js';
import { rightFields } from './record.js';

export const EXACT_FIELDS: MetricModule = {
  ...SHARE,
  answer_kind: 'record',
  words: 'right fields',
  heading: 'fields',
  meaning: 'The share of a record’s fields that are as in the reference: an answer may be partly right.',
  is_count: false,
  score: (answer, expected, { fields }) => rightFields(answer, expected, fields),
};
