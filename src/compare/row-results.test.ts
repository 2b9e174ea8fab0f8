import { expect, test } from 'vitest';
import type { Evidence } from '../protocol/evidence.js';
import { Gate } from '../protocol/gate.js';
import type { Metric } from '../protocol/metrics/metrics.js';
import type { Row } from '../protocol/row.js';
import { exampleId } from './evidence/measuring.js';
import { pickShownExamples, rowResults } from './row-results.js';

const rows = Array.from(
  { length: 24 },
  (_, i): Row => ({
    messages: [
      { role: 'user', content: `question ${i}` },
      { role: 'assistant', content: 'yes' },
    ],
  }),
);
/** Both right, only new, only old, none: by turns. */
const isRight = { new: (i: number) => i % 4 < 2, old: (i: number) => i % 2 === 0 };
const evidence = (['new', 'old'] as const).flatMap((name) =>
  rows.map(
    (row, i): Evidence => ({
      kind: 'answer',
      id: `${name}${i}`,
      at: '2026-11-24T12:00:00Z',
      channel: 'measured',
      producer: 'p',
      gate_sha256: 'g',
      candidates: [{ name, identity: name }],
      facts: null,
      example_id: exampleId(row),
      group: `g${i}`,
      repeat: 0,
      answer: isRight[name](i) ? 'yes' : 'no',
      finish_reason: 'stop',
      scores: { accuracy: isRight[name](i) ? 1 : 0 },
      prompt_tokens: 1,
      completion_tokens: 1,
      duration_ms: 1,
    }),
  ),
);
const gate = (metric: Metric) => Gate.parse({ challenger: 'new', baselines: ['old'], metric, margin: 0, guardrails: {}, candidates: {} });
const pick = (metric: Metric, test = rows) =>
  pickShownExamples(rowResults({ gate: gate(metric), test, evidence, candidates: ['new', 'old'], baseline: 'old' }), 'new', 'old');
const withoutNumber = (shown: ReturnType<typeof pick>) => shown.map(({ row: _, ...rest }) => rest);

test('two of each kind, the challenger’s failures among them', () => {
  const outcomes = pick('accuracy').map(({ outcome }) => outcome);
  expect(outcomes).toEqual(['challenger-ahead', 'baseline-ahead', 'both-wrong', 'both-right'].flatMap((outcome) => [outcome, outcome]));
});

test('the order of the test rows changes nothing: nobody chose them', () => {
  expect(withoutNumber(pick('accuracy', [...rows].reverse()))).toEqual(withoutNumber(pick('accuracy')));
});

test('of free text nothing is called right or wrong', () => {
  const examples = pick('reference_logprob');
  expect(examples).toHaveLength(5);
  expect(examples.flatMap(({ answers }) => answers.map(({ right }) => right))).toEqual(Array.from({ length: 10 }, () => null));
});

test('of a metric that says how much, rows are better, worse or equal, and never right', () => {
  const scored = evidence.map((line, i) => ({ ...line, scores: { token_f1: ((i * 7) % 5) / 4 } }) as Evidence);
  const results = rowResults({ gate: gate('token_f1'), test: rows, evidence: scored, candidates: ['new', 'old'], baseline: 'old' });
  const scoreOf = ({ answers }: (typeof results)[number], name: string) => answers.find(({ candidate }) => candidate === name)?.value ?? 0;
  for (const row of results) {
    const lead = Math.sign(scoreOf(row, 'new') - scoreOf(row, 'old'));
    expect(row.outcome).toBe(lead > 0 ? 'challenger-ahead' : lead < 0 ? 'baseline-ahead' : 'equal');
    expect(row.answers.map(({ right }) => right)).toEqual([null, null]);
  }
  expect(new Set(results.map(({ outcome }) => outcome)).size).toBeGreaterThan(1);
});

test('what is no answer of the wanted form is named with the reason', () => {
  const answered = (answer: string, finish_reason: string) => evidence.map((line) => ({ ...line, answer, finish_reason }) as Evidence);
  const reasons = (metric: Metric, answer: string, finish_reason = 'stop') => {
    const labelled = { ...gate(metric), labels: ['yes', 'no'] };
    const request = { gate: labelled, test: rows, evidence: answered(answer, finish_reason), candidates: ['new', 'old'], baseline: 'old' };
    return rowResults(request)[0]?.answers[0]?.invalid;
  };
  expect(reasons('accuracy', 'Yes.')).toBeNull();
  expect(reasons('accuracy', 'maybe')).toBe('not a label');
  expect(reasons('exact_match', 'maybe')).toBe('not a JSON object');
  expect(reasons('token_f1', 'maybe')).toBeNull();
  expect(reasons('token_f1', ' ')).toBe('empty');
  expect(reasons('token_f1', 'and then', 'length')).toBe('cut at max_tokens');
});
