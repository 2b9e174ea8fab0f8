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

test('answers that do not repeat are text, and so are long ones that do', () => {
  expect(chooseMetric(rows('a', 'b', 'c', 'd')).metric).toBe('reference_logprob');
  expect(chooseMetric(rows(...repeated(['x'.repeat(80), 'y'], 8))).metric).toBe('reference_logprob');
  expect(chooseMetric(rows(...repeated(['always the same'], 8))).metric).toBe('reference_logprob');
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
