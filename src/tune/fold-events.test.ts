import { expect, test } from 'vitest';
import type { Event } from '../protocol/event.js';
import { foldEvents } from './fold-events.js';

const at = '2026-11-24T12:00:00Z';
const start = (start_step: number) => ({ type: 'run-start', num_steps: 6, start_step, coverage: [], versions: {} });
const step = (number: number, loss: number) => ({
  type: 'step-end',
  step: number,
  loss,
  learning_rate: 1,
  grad_norm: 1,
  num_tokens: 1,
  tokens_per_second: 1,
  memory_bytes: 1,
  metrics: {},
  seconds_left: 1,
});
const dev = (number: number, loss: number) => ({ type: 'eval-end', step: number, loss, is_best: true, metrics: {} });
const sample = (number: number) => ({ type: 'sample', step: number, prompt: 'p', answer: 'a', expected: 'e' });
const fold = (...events: object[]) => foldEvents(events.map((event, seq) => ({ ...event, seq, at }) as unknown as Event));

test('an attempt that begins at an earlier step replaces what came after it', () => {
  const first = [start(0), step(1, 9), step(2, 8), dev(2, 7), sample(2), step(3, 6), step(4, 5), dev(4, 4), sample(4)];
  const { steps, evals, samples, num_steps } = fold(...first, start(2), step(3, 60), step(4, 50), dev(4, 40), sample(4));
  expect(steps.map(({ step, loss }) => [step, loss])).toEqual([
    [1, 9],
    [2, 8],
    [3, 60],
    [4, 50],
  ]);
  expect(evals.map(({ step, loss }) => [step, loss])).toEqual([
    [2, 7],
    [4, 40],
  ]);
  expect([samples.map(({ step }) => step), num_steps]).toEqual([[2, 4], 6]);
});

test('a phase is what goes on now: it ends with the next event', () => {
  expect(fold({ type: 'phase', name: 'loading' }).phase).toBe('loading');
  expect(fold({ type: 'phase', name: 'dev pass', share: 0.5 }).phase_share).toBe(0.5);
  const after = fold({ type: 'phase', name: 'dev pass', share: 0.5 }, step(1, 1));
  expect([after.phase, after.phase_share]).toEqual([null, null]);
  expect(fold().coverage).toBeNull();
});
