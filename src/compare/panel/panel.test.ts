import { describe, expect, test } from 'vitest';
import { type Candidate, Decoding } from '../../protocol/candidate.js';
import type { Evidence } from '../../protocol/evidence.js';
import { Gate } from '../../protocol/gate.js';
import type { Metric } from '../../protocol/metrics/metrics.js';
import { askPanel, REVIEWERS } from './ask-panel.js';

const HASH = 'a'.repeat(64);
const candidate = (name: string, more: Partial<Candidate> = {}): Candidate => ({
  name,
  model: name,
  model_ref: name,
  model_sha256: HASH,
  adapter_sha256: null,
  system: null,
  examples: [],
  decoding: Decoding.parse({}),
  schema: null,
  identity: name,
  ...more,
});

interface Made {
  right?: (row: number) => boolean;
  duration_ms?: number;
  finish_reason?: string;
  first_token_ms?: number | null;
  valid_json?: number;
  answer?: (row: number) => string;
  rows?: number;
  not_measured?: string;
}

/** Evidence of one candidate: by default right on every row, quick, whole and well-formed. */
function evidenceOf(name: string, made: Made = {}): Evidence[] {
  const common = {
    at: '2026-11-24T12:00:00Z',
    channel: 'measured' as const,
    producer: 'p',
    gate_sha256: 'g',
    candidates: [{ name, identity: name }],
    facts: null,
  };
  const rows = made.rows ?? 40;
  const answers = Array.from({ length: rows }, (_, i): Evidence => {
    const isRight = made.right?.(i) ?? true;
    const valid = made.valid_json ?? 1;
    return {
      ...common,
      kind: 'answer',
      id: `${name}${i}`,
      example_id: `u${i}`,
      group: `c${i}`,
      repeat: 0,
      answer: made.answer?.(i) ?? `answer ${i}`,
      finish_reason: made.finish_reason ?? 'stop',
      scores: { valid_json: valid, exact_fields: isRight ? 1 : 0.5, exact_match: isRight ? 1 : 0, accuracy: isRight ? 1 : 0 },
      prompt_tokens: 10,
      completion_tokens: 10,
      duration_ms: made.duration_ms ?? 800,
    };
  });
  if (made.first_token_ms === null) return answers;
  const timings = Array.from(
    { length: 10 },
    (_, i): Evidence => ({
      ...common,
      kind: 'timing',
      id: `${name}t${i}`,
      example_id: `u${i}`,
      group: `c${i}`,
      repeat: 0,
      is_cold: false,
      text_at_ms: [made.first_token_ms ?? 200],
      ended_at_ms: (made.first_token_ms ?? 200) + 300,
      time_to_first_token_ms: made.first_token_ms ?? 200,
      decode_ms: 300,
      prompt_tokens: 10,
      completion_tokens: 10,
    }),
  );
  const missing: Evidence[] = made.not_measured
    ? [{ ...common, kind: 'not-measured', id: `${name}n`, example_id: 'n', group: 'n', repeat: 0, what: made.not_measured, reason: 'r' }]
    : [];
  return [...answers, ...timings, ...missing];
}

const half = (row: number) => row % 2 === 0;
const gateOf = (metric: Metric) =>
  Gate.parse({ challenger: 'new', baselines: ['old'], metric, margin: 0, guardrails: {}, candidates: {}, price_per_hour: 1 });

/** What each reviewer says of `new`, which by default is right everywhere while `old` is right on every other row. */
function stances(made: Made, options: { old?: Made; metric?: Metric; candidate?: Partial<Candidate>; test_rows?: number } = {}) {
  const evidence = [...evidenceOf('new', made), ...evidenceOf('old', options.old ?? { right: half })];
  const candidates = [candidate('new', options.candidate), candidate('old')];
  const reviews = askPanel({ gate: gateOf(options.metric ?? 'exact_match'), candidates, evidence, num_test_rows: options.test_rows ?? 40 });
  return Object.fromEntries(reviews.filter((review) => review.candidate === 'new').map(({ reviewer, stance }) => [reviewer, stance]));
}

test('five reviewers or more, each with a motto of its own, all of them said to be rules', () => {
  expect(REVIEWERS.length).toBeGreaterThanOrEqual(5);
  expect(new Set(REVIEWERS.map(({ motto }) => motto)).size).toBe(REVIEWERS.length);
  expect(new Set(REVIEWERS.map(({ kind }) => kind))).toEqual(new Set(['rule']));
});

test('a candidate that nothing speaks against: every reviewer says ship', () => {
  expect(new Set(Object.values(stances({})))).toEqual(new Set(['ship']));
});

describe('each reviewer can say skip', () => {
  test.each([
    ['platform-engineer', 'a first token after five seconds', stances({ first_token_ms: 5000 })],
    ['platform-engineer', 'answers that were cut off', stances({ finish_reason: 'length' })],
    ['platform-engineer', 'speed that nobody has measured', stances({ first_token_ms: null })],
    ['platform-engineer', 'a twentieth that does not parse', stances({ valid_json: 0.95 })],
    ['sceptic', 'no lead', stances({ right: half })],
    ['sceptic', 'twelve groups', stances({ rows: 12 }, { old: { right: half, rows: 12 }, test_rows: 12 })],
    ['sceptic', 'one answer to everything', stances({ answer: () => '{}' })],
    ['compliance-officer', 'weights that are known by name only', stances({}, { candidate: { model_sha256: 'gpt-5' } })],
    ['compliance-officer', 'rows without an answer', stances({}, { test_rows: 41 })],
    ['compliance-officer', 'something that was not measured', stances({ not_measured: 'forgetting' })],
    ['finance-person', 'no right answer', stances({ right: () => false })],
    ['finance-person', 'four times the price of the other', stances({ duration_ms: 3200 }, { old: {} })],
    ['end-user', 'every other answer wrong', stances({ right: half })],
    ['end-user', 'twenty seconds to wait', stances({ duration_ms: 20_000 })],
  ])('%s: %s', (reviewer, _reason, said) => {
    expect(said[reviewer]).toBe('skip');
  });

  test('of free text the sceptic, the finance person and the end user say that nobody knows', () => {
    const said = stances({}, { metric: 'reference_logprob' });
    expect([said.sceptic, said['finance-person'], said['end-user']]).toEqual(['skip', 'skip', 'skip']);
  });
});

test('each sentence quotes its figure', () => {
  for (const metric of ['exact_match', 'accuracy', 'reference_logprob'] as const) {
    const evidence = [...evidenceOf('new'), ...evidenceOf('old', { right: () => false, finish_reason: 'length' })];
    const always = candidate('old', { constant: 'yes' });
    for (const candidates of [
      [candidate('new'), candidate('old')],
      [candidate('new'), always],
    ]) {
      const sentences = askPanel({ gate: gateOf(metric), candidates, evidence, num_test_rows: 40 }).flatMap((review) => review.sentences);
      for (const { text, figure } of sentences) {
        expect(figure).not.toBe('');
        expect(text).toContain(figure);
        expect(text).not.toContain('{}');
      }
    }
  }
});

test('the same evidence gives the same words', () => {
  const ask = () =>
    askPanel({
      gate: gateOf('accuracy'),
      candidates: [candidate('new'), candidate('old')],
      evidence: [...evidenceOf('new'), ...evidenceOf('old')],
      num_test_rows: 40,
    });
  expect(ask()).toEqual(ask());
});
