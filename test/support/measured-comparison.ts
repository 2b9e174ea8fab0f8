/** Comparisons with evidence that was not asked for, but written: opened, measured and recorded as the product does it. */
import { resolveCandidates } from '../../src/compare/candidates.js';
import { type Comparison, openComparison } from '../../src/compare/comparison.js';
import { exampleId } from '../../src/compare/evidence/measuring.js';
import { scoreAnswer } from '../../src/compare/evidence/score-answer.js';
import { recordEvidence, recordOpening } from '../../src/compare/ledger-records.js';
import { checkedGate } from '../../src/compare/read-gate.js';
import { reviewComparison } from '../../src/compare/review.js';
import type { Evidence } from '../../src/protocol/evidence.js';
import { Gate } from '../../src/protocol/gate.js';
import type { Row } from '../../src/protocol/row.js';
import { writeWhole } from '../../src/store/files.js';
import { sha256Text } from '../../src/store/hash.js';
import { comparisonFiles } from '../../src/store/home.js';

export interface Measured {
  name?: string;
  rows: Row[];
  /** Changes of a gate that judges `tuned` against `bare` by accuracy. */
  gate?: object;
  /** Bytes of the adapter: another seed makes another one. */
  adapter: string;
  base?: string;
  /** Whether a candidate has a row right. */
  isRight: (candidate: string, row: number) => boolean;
  /** The answer to a row that is not right; `no` where it is not given. */
  wrong?: (row: number) => string;
  caveats?: string[];
  /** False leaves the panel out, which judges nothing. */
  isReviewed?: boolean;
}

export const labelRows = (count: number, prefix = 'Question'): Row[] =>
  Array.from({ length: count }, (_, i) => ({
    messages: [
      { role: 'user', content: `${prefix} number ${i}` },
      { role: 'assistant', content: 'yes' },
    ],
  }));

/** Opened and measured, not judged. */
export function measuredComparison(home: string, asked: Measured): Comparison {
  const { name = 'sim', rows, adapter, base = 'base bytes', isRight, caveats = [] } = asked;
  const gate = checkedGate(
    Gate.parse({
      challenger: 'tuned',
      baselines: ['bare'],
      metric: 'accuracy',
      margin: 0,
      guardrails: {},
      candidates: { tuned: { model: 'tuned' }, bare: { model: 'base' } },
      labels: ['yes', 'no'],
      ...asked.gate,
    }),
  );
  const modelOf = (model: string) => ({
    model,
    model_ref: model,
    model_sha256: sha256Text(base),
    adapter_sha256: model === 'tuned' ? sha256Text(adapter) : null,
  });
  const candidates = resolveCandidates(gate.gate, modelOf, []);
  const comparison = openComparison(home, {
    name,
    gate,
    candidates,
    test: rows,
    local: [],
    endpoints: [],
    challengers: ['tuned'],
    caveats,
  });
  recordOpening(comparison);
  const lines = candidates.flatMap(({ name: candidate, identity }) =>
    comparison.test.map((row, index): Evidence => {
      const reference = row.messages.at(-1)?.content ?? '';
      const answer = isRight(candidate, index) ? reference : (asked.wrong?.(index) ?? 'no');
      return {
        kind: 'answer',
        id: sha256Text(`${identity} ${index}`).slice(0, 32),
        at: '2026-11-26T12:00:00.000Z',
        channel: 'measured',
        producer: 'test',
        gate_sha256: comparison.gate_sha256,
        candidates: [{ name: candidate, identity }],
        example_id: exampleId(row),
        group: row.group as string,
        repeat: 0,
        facts: null,
        answer,
        finish_reason: 'stop',
        scores: scoreAnswer(comparison.gate, answer, reference),
        prompt_tokens: 9,
        completion_tokens: 1,
        duration_ms: 100,
      };
    }),
  );
  writeWhole(comparisonFiles(comparison.folder).evidence, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  recordEvidence(comparison);
  if (asked.isReviewed !== false) reviewComparison(comparison);
  return comparison;
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32: Tommy Ettinger, public domain). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
