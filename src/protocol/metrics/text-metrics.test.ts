import { describe, expect, test } from 'vitest';
import { CONTAINS } from './contains.js';
import type { MetricModule } from './metric.js';
import { Metric, metricModule, metricsOfKind } from './metrics.js';
import { NORMALIZED_MATCH } from './normalized-match.js';
import { lastNumber, parseNumber } from './numbers.js';
import { NUMERIC } from './numeric.js';
import { REGEX } from './regex.js';
import { ROUGE_L } from './rouge-l.js';
import { TOKEN_F1 } from './token-f1.js';

const score = (metric: MetricModule, answer: string, expected: string, form: object = {}) =>
  (metric.score as NonNullable<MetricModule['score']>)(answer, expected, { fields: [], ...form });

test.each([
  ['12', 12],
  ['-3.5', -3.5],
  ['−3,5', -3.5],
  ['+7', 7],
  ['1,000', 1000],
  ['1,234,567.89', 1_234_567.89],
  ['1.234.567,89', 1_234_567.89],
  ['1 234,5', 1234.5],
  ["1'234.5", 1234.5],
  ['1.000', 1],
  ['1.000.000', 1_000_000],
  ['0,25', 0.25],
  ['1e-3', 0.001],
  ['１２', 12],
  ['12a', null],
  ['', null],
  ['1,2,3', null],
  ['1.2.3', null],
])('the number of "%s"', (text, value) => {
  expect(parseNumber(text)).toBe(value);
});

test.each([
  ['It is 3 + 4 = 7.', 7],
  ['so she has $1,250.50 left', 1250.5],
  ['18 %', 18],
  ['from 5 to -2', -2],
  ['#### 1,080', 1080],
  ['no number, only v2beta', null],
])('the last number of "%s"', (text, value) => {
  expect(lastNumber(text)).toBe(value);
});

describe('one rule, right or wrong', () => {
  test.each<[MetricModule, string, string, number, object?]>([
    [NORMALIZED_MATCH, ' The Hague! ', 'the hague', 1],
    [NORMALIZED_MATCH, '1,000 units', '1000.0 Units.', 1],
    [NORMALIZED_MATCH, 'Straße Nr. 5', 'straße nr 5', 1],
    [NORMALIZED_MATCH, '-5', '5', 0],
    [NORMALIZED_MATCH, 'well-known', 'well known', 1],
    [NORMALIZED_MATCH, 'New York', 'York New', 0],
    [NORMALIZED_MATCH, '', 'x', 0],
    [CONTAINS, 'I think it is Paris, in France.', 'paris', 1],
    [CONTAINS, 'a partial answer', 'art', 0],
    [CONTAINS, 'it costs 1,000 EUR', '1000', 1],
    [NUMERIC, 'The total is 42.', '42', 1],
    [NUMERIC, '0.30000000000000004', '0.3', 1],
    [NUMERIC, '41.6', '42', 0],
    [NUMERIC, '41.6', '42', 1, { tolerance: { absolute: 0.5, relative: 0 } }],
    [NUMERIC, '101', '100', 1, { tolerance: { absolute: 0, relative: 0.01 } }],
    [NUMERIC, '102', '100', 0, { tolerance: { absolute: 0, relative: 0.01 } }],
    [NUMERIC, 'none', '42', 0],
    [REGEX, 'ICD: J45.0', 'anything', 1, { pattern: '\\b[A-Z]\\d\\d(\\.\\d)?\\b'.replace('(', '(?:') }],
    [REGEX, 'no code', 'anything', 0, { pattern: '[A-Z]\\d\\d' }],
    [REGEX, 'Answer: (B)', 'Answer: (b)', 1, { pattern: 'Answer: \\((\\w)\\)' }],
    [REGEX, 'Answer: (C)', 'B', 0, { pattern: 'Answer: \\((\\w)\\)' }],
    [REGEX, 'Answer: (B)', 'B', 1, { pattern: 'Answer: \\((\\w)\\)' }],
    [REGEX, 'y', 'x', 0, { pattern: 'y|(x)' }],
  ])('%#: %s', (metric, answer, expected, value, form) => {
    expect(score(metric, answer, expected, form)).toBe(value);
  });
});

// Computed with torchmetrics 1.9.0 (squad.py, of SQuAD's evaluate-v1.1.py) and rouge_score 0.1.2 (rougeL, use_stemmer=False).
test.each([
  ['The cat sat on the mat.', 'the cat is on the mat', 0.75, 0.8333333333],
  ['Paris', 'Paris, France', 0.6666666667, 0.6666666667],
  ['in 1969, by Neil Armstrong', 'Neil Armstrong', 0.5714285714, 0.5714285714],
  ['no', 'yes', 0, 0],
  ['An apple a day keeps the doctor away', 'apple a day, keeps doctors away!', 0.8, 0.7142857143],
  ['police killed the gunman', 'police kill the gunman', 0.6666666667, 0.75],
  ['the gunman kill police', 'police killed the gunman', 0.6666666667, 0.5],
  ['', 'something', 0, 0],
  ['gunman the killed police and the the', 'the the police the gunman', 0.6666666667, 0.5],
])('golden: %s', (answer, reference, tokenF1, rougeL) => {
  expect(score(TOKEN_F1, answer, reference)).toBeCloseTo(tokenF1, 9);
  expect(score(ROUGE_L, answer, reference)).toBeCloseTo(rougeL, 9);
});

test('words of other scripts are words, and the overlap is bounded by 0 and 1', () => {
  expect(score(ROUGE_L, 'Größe über Ärzte', 'größe ÜBER ärzte')).toBe(1);
  expect(score(TOKEN_F1, 'là à', 'là à')).toBe(1);
  expect(score(ROUGE_L, 'x '.repeat(100_000), 'x')).toBeLessThanOrEqual(1);
});

test('what needs a pattern or a number is measured only where it is asked for', () => {
  expect(metricsOfKind('token_f1')).toEqual(['token_f1', 'normalized_match', 'rouge_l']);
  expect(metricsOfKind('regex')).toEqual(['regex', 'normalized_match', 'token_f1', 'rouge_l']);
  expect(metricsOfKind('reference_logprob')).toEqual(['reference_logprob']);
  const isBounded = Metric.options.filter((metric) => metricModule(metric).score !== null);
  for (const metric of isBounded) expect(metricModule(metric).range).toEqual({ least: 0, largest: 1 });
});
