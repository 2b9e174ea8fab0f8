import { expect, test } from 'vitest';
import { scoreRecord } from './score-record.js';

const fields = ['a', 'b'];
const expected = '{"a": "x", "b": null}';

test.each([
  ['{"a": "x", "b": null}', { valid_json: 1, exact_fields: 1, exact_record: 1 }],
  [' {"b":null,"a":"x"} ', { valid_json: 1, exact_fields: 1, exact_record: 1 }],
  ['{"a": "x", "b": "null"}', { valid_json: 1, exact_fields: 0.5, exact_record: 0 }],
  ['{"a": "x"}', { valid_json: 1, exact_fields: 0.5, exact_record: 0 }],
  ['{"a": "x", "b": null, "c": 1}', { valid_json: 1, exact_fields: 1, exact_record: 0 }],
  ['Here: {"a": "x", "b": null}', { valid_json: 0, exact_fields: 0, exact_record: 0 }],
  ['[1]', { valid_json: 0, exact_fields: 0, exact_record: 0 }],
  ['', { valid_json: 0, exact_fields: 0, exact_record: 0 }],
])('%s', (answer, scores) => {
  expect(scoreRecord(answer, expected, fields)).toEqual(scores);
});
