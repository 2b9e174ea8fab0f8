import { expect, test } from 'vitest';
import { Gate } from '../../protocol/gate.js';
import { scoreAnswer } from './score-answer.js';

const gate = (metric: string, schema?: object) =>
  Gate.parse({ challenger: 'a', baselines: ['b'], metric, margin: 0, guardrails: {}, candidates: {}, ...(schema ? { schema } : {}) });
const records = gate('exact_match', { properties: { a: {}, b: {} } });
const expected = '{"a": "x", "b": null}';

test.each([
  ['{"a": "x", "b": null}', { valid_json: 1, exact_fields: 1, exact_match: 1 }],
  [' {"b":null,"a":"x"} ', { valid_json: 1, exact_fields: 1, exact_match: 1 }],
  ['{"a": "x", "b": "null"}', { valid_json: 1, exact_fields: 0.5, exact_match: 0 }],
  ['{"a": "x"}', { valid_json: 1, exact_fields: 0.5, exact_match: 0 }],
  ['{"a": "x", "b": null, "c": 1}', { valid_json: 1, exact_fields: 1, exact_match: 0 }],
  ['Here: {"a": "x", "b": null}', { valid_json: 0, exact_fields: 0, exact_match: 0 }],
  ['[1]', { valid_json: 0, exact_fields: 0, exact_match: 0 }],
  ['', { valid_json: 0, exact_fields: 0, exact_match: 0 }],
])('%s', (answer, scores) => {
  expect(scoreAnswer(records, answer, expected)).toEqual(scores);
});

test('a field that neither record has is right', () => {
  expect(scoreAnswer(records, '{"a": "x"}', '{"a": "x"}')).toEqual({ valid_json: 1, exact_fields: 1, exact_match: 1 });
});

test.each([
  ['billing', 1],
  [' Billing. ', 1],
  ['"billing"', 1],
  ['billing please', 0],
  ['', 0],
])('label %s', (answer, accuracy) => {
  expect(scoreAnswer(gate('accuracy'), answer, 'billing')).toEqual({ accuracy });
});

test('text has no score by rule', () => {
  expect(scoreAnswer(gate('reference_logprob'), 'anything', 'anything')).toEqual({});
});

test.each([
  ['keys in another order', '{"a": {"x": [1, {"p": 1, "q": 2}], "y": null}}', '{"a": {"y": null, "x": [1, {"q": 2, "p": 1}]}}', 1],
  ['another order in a list', '{"a": [1, 2]}', '{"a": [2, 1]}', 0],
  ['a key more inside', '{"a": {"x": 1}}', '{"a": {"x": 1, "y": null}}', 0],
  ['null is no empty object', '{"a": null}', '{"a": {}}', 0],
  ['a list is no object', '{"a": []}', '{"a": {}}', 0],
  ['text is no number', '{"a": "1"}', '{"a": 1}', 0],
])('a record with %s', (_, answer, expected, exact_match) => {
  const records = Gate.parse({ ...gate('exact_match'), schema: { type: 'object', properties: { a: {} } } });
  expect(scoreAnswer(records, answer, expected)).toMatchObject({ exact_match });
});
