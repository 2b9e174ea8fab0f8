import { expect, test } from 'vitest';
import type { Row } from '../protocol/row.js';
import { chooseMetric } from './choose-metric.js';

const rows = (...answers: string[]): Row[] =>
  answers.map((content, i) => ({
    messages: [
      { role: 'user', content: `q${i}` },
      { role: 'assistant', content },
    ],
  }));
const repeated = (answers: string[], times: number) => Array.from({ length: times }, () => answers).flat();

test('few short answers that repeat are labels, with the one that is said most', () => {
  expect(chooseMetric(rows(...repeated(['yes', 'no'], 6), 'yes'))).toEqual({
    metric: 'accuracy',
    labels: ['no', 'yes'],
    majority: { label: 'yes', share: 7 / 13 },
  });
});

test('long answers that repeat are labels too', () => {
  expect(chooseMetric(rows(...repeated(['x'.repeat(80), 'y'], 8)))).toMatchObject({ metric: 'accuracy', labels: ['x'.repeat(80), 'y'] });
});

test.each([
  ['numbers', ['12', '1,050', '3.5 %', '€ 7'], { metric: 'numeric', is_reasoned: false }],
  ['reasoning that ends with a number', ['2 + 2 = 4\n#### 4', 'Ten less one.\n#### 9'], { metric: 'numeric', is_reasoned: true }],
  ['short answers that differ', ['The Hague', 'Delft', '12 May 2021', 'unknown'], { metric: 'normalized_match' }],
  ['one long answer among short ones', ['The Hague', 'Delft', 'a word '.repeat(9)], { metric: 'reference_logprob' }],
  ['a short sentence', ['The Hague', 'Ask at the desk.', 'Delft'], { metric: 'reference_logprob' }],
  ['always the same', Array(8).fill('always the same'), { metric: 'reference_logprob' }],
])('%s', (_, answers, chosen) => {
  expect(chooseMetric(rows(...answers))).toEqual(chosen);
});

test('JSON objects are records, with a schema that each of them fits', () => {
  const record = (site: string | null, severity: string, parts: number[]) => JSON.stringify({ site, severity, count: parts.length, parts });
  const chosen = chooseMetric(rows(record('A', 'low', [1]), record(null, 'high', [2, 3]), ...repeated([record('B', 'low', [4.5])], 6)));
  expect(chosen).toEqual({
    metric: 'exact_match',
    fields: ['site', 'severity', 'count', 'parts'],
    schema: {
      type: 'object',
      properties: {
        site: { anyOf: [{ type: 'string' }, { type: 'null' }] },
        severity: { enum: ['low', 'high'] },
        count: { type: 'integer' },
        parts: { type: 'array', items: { type: 'number' } },
      },
      required: ['site', 'severity', 'count', 'parts'],
      additionalProperties: false,
    },
  });
});

test('a field that some records lack is not required', () => {
  const chosen = chooseMetric(rows('{"a": 1}', '{"a": 2, "b": true}'));
  expect(chosen).toMatchObject({ schema: { required: ['a'], properties: { b: { type: 'boolean' } } } });
});
