import { describe, expect, test } from 'vitest';
import { AppError } from '../protocol/errors.js';
import { Gate } from '../protocol/gate.js';
import type { Row } from '../protocol/row.js';
import { messagesFor, resolveCandidates } from './candidates.js';

const row = (severity: string | null, text: string): Row => ({
  messages: [
    { role: 'system', content: 'Own system' },
    { role: 'user', content: text },
    { role: 'assistant', content: JSON.stringify({ severity, site: severity === null ? null : 'X' }) },
  ],
});
const train = [row('low', 'a'), row('low', 'aa'), row('high', 'aaa'), row(null, 'aaaa')];
const served = (model: string) => ({ model, model_ref: model, model_sha256: 'same bytes', adapter_sha256: null });
const gate = (candidates: object) =>
  Gate.parse({
    challenger: 'a',
    baselines: ['b'],
    metric: 'exact_match',
    margin: 0,
    guardrails: {},
    candidates,
    schema: { type: 'object', properties: { severity: { enum: ['low', 'high', null] }, site: { type: 'string' } } },
  });

describe('identity', () => {
  test('candidates-identical: two names of the same bytes, prompt and decoding', () => {
    const act = () => resolveCandidates(gate({ a: { model: 'one' }, b: { model: 'two' } }), served, train);
    expect(act).toThrowError(AppError);
    expect(act).toThrowError(/a and b are identical/);
  });

  test('an endpoint elsewhere is told by its address: one name at two places is two models', () => {
    const at = (ref: string) => ({ model: 'llama', model_ref: ref, model_sha256: ref, adapter_sha256: null });
    const [a, b] = resolveCandidates(gate({ a: { model: 'http://one/v1#llama' }, b: { model: 'http://two/v1#llama' } }), at, train);
    expect([a?.model, b?.model]).toEqual(['llama', 'llama']);
    expect(a?.identity).not.toBe(b?.identity);
  });

  test('another prompt or other decoding is another candidate', () => {
    for (const b of [
      { model: 'one', system: 'Other' },
      { model: 'one', decoding: { max_tokens: 5 } },
      { model: 'one', num_examples: 1 },
    ]) {
      expect(resolveCandidates(gate({ a: { model: 'one' }, b }), served, train)).toHaveLength(2);
    }
  });
});

test('examples show each value of a closed list and a missing fact before anything twice', () => {
  const [, b] = resolveCandidates(gate({ a: { model: 'one' }, b: { model: 'one', num_examples: 3 } }), served, train);
  const shown = b?.examples.filter(({ role }) => role === 'user').map(({ content }) => content);
  expect(new Set(shown)).toEqual(new Set(['a', 'aaa', 'aaaa']));
});

test('a candidate’s system prompt replaces the row’s own; examples stand between', () => {
  const [a, b] = resolveCandidates(gate({ a: { model: 'one' }, b: { model: 'one', system: 'Rules', num_examples: 1 } }), served, train);
  const question = row('low', 'question');
  expect(messagesFor(a as never, question).map(({ content }) => content)).toEqual(['Own system', 'question']);
  expect(messagesFor(b as never, question).map(({ role, content }) => (role === 'system' || role === 'user' ? content : role))).toEqual([
    'Rules',
    expect.any(String),
    'assistant',
    'question',
  ]);
});
