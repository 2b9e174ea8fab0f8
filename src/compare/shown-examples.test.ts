import { expect, test } from 'vitest';
import type { Evidence } from '../protocol/evidence.js';
import { Gate } from '../protocol/gate.js';
import type { Metric } from '../protocol/metrics/metrics.js';
import type { Row } from '../protocol/row.js';
import { exampleId } from './evidence/measuring.js';
import { pickShownExamples } from './shown-examples.js';

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
  pickShownExamples({ gate: gate(metric), test, evidence, candidates: ['new', 'old'], baseline: 'old' });

test('two of each kind, the challenger’s failures among them', () => {
  const kinds = pick('accuracy').map(({ kind }) => kind);
  expect(kinds).toEqual(['only new right', 'only old right', 'both wrong', 'both right'].flatMap((kind) => [kind, kind]));
});

test('the order of the test rows changes nothing: nobody chose them', () => {
  expect(pick('accuracy', [...rows].reverse())).toEqual(pick('accuracy'));
});

test('of free text nothing is called right or wrong', () => {
  const examples = pick('reference_logprob');
  expect(examples).toHaveLength(5);
  expect(examples.flatMap(({ answers }) => answers.map(({ right }) => right))).toEqual(Array.from({ length: 10 }, () => null));
});
