/** A home with a run in every state and comparisons with every verdict, made by the product's own code where it can be, without training. */
import { join } from 'node:path';
import { resolveCandidates } from '../../src/compare/candidates.js';
import { openComparison } from '../../src/compare/comparison.js';
import { exampleId } from '../../src/compare/evidence/measuring.js';
import { openRecorder } from '../../src/compare/evidence/recorder.js';
import { judgeComparison } from '../../src/compare/judge-comparison.js';
import { recordEvidence, recordOpening } from '../../src/compare/ledger-records.js';
import { checkedGate } from '../../src/compare/read-gate.js';
import { reviewComparison } from '../../src/compare/review.js';
import { readShape } from '../../src/model/families/read-shape.js';
import { knownModel } from '../../src/model/known-models.js';
import type { Event } from '../../src/protocol/event.js';
import { Gate } from '../../src/protocol/gate.js';
import type { Plan } from '../../src/protocol/plan.js';
import type { Row } from '../../src/protocol/row.js';
import { writeJson, writeWhole } from '../../src/store/files.js';
import { attemptFiles, comparisonFiles, jobFiles, runFiles, runFolder } from '../../src/store/home.js';
import { identifyProcess } from '../../src/store/processes.js';
import { planRun } from '../../src/tune/plan/plan.js';
import { temporaryFolder } from './home.js';

/** What a hostile row or answer looks like; it must stay text on every page. */
export const HOSTILE = '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>';

const NUM_STEPS = 40;

/** Ids of what was made. */
export interface FixtureHome {
  home: string;
  runs: Record<'stopped' | 'failed' | 'lost' | 'preparing', string>;
  comparisons: Record<'ship' | 'hold', string>;
}

export function fixtureHome(): FixtureHome {
  const home = temporaryFolder('fixture-home');
  const runs = {
    stopped: makeRun(home, 'tickets-20261120-090000-aa', { exit: 'stopped', steps: 22 }),
    failed: makeRun(home, 'tickets-20261121-090000-bb', { exit: 'failed', steps: 9 }),
    lost: makeRun(home, 'tickets-20261122-090000-cc', { exit: null, steps: 30 }),
    preparing: makeRun(home, 'tickets-20261123-090000-dd', null),
  };
  return { home, runs, comparisons: { ship: makeComparison(home, 'reports', 0.8), hold: makeComparison(home, 'notes', 0.3) } };
}

function makeRun(home: string, id: string, made: { exit: 'stopped' | 'failed' | null; steps: number } | null): string {
  const run = runFolder(home, id);
  const files = runFiles(run);
  const day = id.slice(8, 16);
  const created_at = `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6, 8)}T09:00:00.000Z`;
  writeWhole(files.recipe, 'model: smollm2-135m-instruct\nmethod: sft\ndata: {train: train.jsonl}\n');
  writeJson(files.record, {
    id,
    created_at,
    recipe_file: '/work/tickets.yaml',
    recipe_sha256: 'x',
    command_line: {},
    slipway_version: '0.1.0',
  });
  if (!made) return id;
  const attempt = attemptFiles(join(jobFiles(run).attempts, '1'));
  writeJson(attempt.plan, fixturePlan());
  writeWhole(
    attempt.events,
    fixtureEvents(made.steps)
      .map((event) => `${JSON.stringify(event)}\n`)
      .join(''),
  );
  writeWhole(attempt.log, `${Array.from({ length: 40 }, (_, i) => `{'loss': ${(1 / (i + 1)).toFixed(4)}}`).join('\n')}\n${HOSTILE}\n`);
  writeJson(attempt.supervisor, { ...identifyProcess(process.pid), pid: 1, start_time: '0' });
  if (made.exit) {
    const error = made.exit === 'failed' ? { code: 'out-of-memory', data: { problem: 'the kernel had no page left' } } : null;
    writeJson(attempt.exit, {
      reason: made.exit,
      code: made.exit === 'failed' ? 1 : 0,
      signal: null,
      rank: 0,
      error,
      ended_at: created_at,
    });
  }
  writeJson(files.lint, {
    num_rows: 340,
    warnings: [
      { kind: 'near-duplicate', count: 12, examples: [{ file: 'train', line: 9, excerpt: `much as row 2: ${HOSTILE}` }] },
      { kind: 'phone number', count: 1, examples: [{ file: 'train', line: 30, excerpt: 'call +49 30 901820' }] },
    ],
  });
  writeJson(files.inspection, {
    max_length: 128,
    tokenizer_sha256: 'x',
    splits: [
      {
        split: 'train',
        sha256: 'x',
        num_rows: 320,
        num_tokens: 20_000,
        longest_row: { row: 3, num_tokens: 90 },
        supervised_tokens: { min: 3, median: 12, max: 30 },
        rows_without_supervision: [],
        truncated_rows: [],
        is_end_of_turn_supervised: true,
      },
    ],
    first_rows: [
      {
        row: 1,
        input_ids: [1, 2, 3],
        supervised: [[2, 3]],
        text: `<|im_start|>user\nMy invoice is wrong ${HOSTILE}<|im_end|>\n<|im_start|>assistant\nbilling<|im_end|>`,
        supervised_text: ['billing<|im_end|>'],
      },
    ],
  });
  return id;
}

function fixturePlan(): Plan {
  const row = {
    sha256: 'x',
    num_rows: 320,
    num_supervised_rows: 320,
    num_tokens: 20_000,
    longest_row_tokens: 90,
    longest_lengths: [90],
    labels: null,
    heaviest_own_tokens: [90],
    computed_shares: [],
  };
  return planRun({
    loaded: {
      file: '/work/tickets.yaml',
      folder: '/work',
      text: '',
      sha256: 'x',
      command_line: {},
      recipe: { model: 'smollm2-135m-instruct', method: 'sft', data: { train: 'train.jsonl' }, learning_rate: 0.001 },
    },
    model: { id: 'smollm2-135m-instruct', folder: '/m', sha256: 'x', quantization: 'Q4_1' },
    shape: readShape(knownModel('smollm2-135m-instruct')?.config, 'config.json'),
    train: row,
    dev: { ...row, num_rows: 20 },
    machine: { num_cores: 2, has_bfloat16: false, memory_bytes: 16e9, free_memory_bytes: 12e9, free_disk_bytes: 50e9, gpus: [] },
    parent: null,
    test: null,
    gate_sha256: null,
  });
}

function fixtureEvents(steps: number): Event[] {
  const at = '2026-11-20T09:00:00.000Z';
  const events: Omit<Event, 'seq'>[] = [
    {
      type: 'run-start',
      at,
      num_steps: NUM_STEPS,
      start_step: 0,
      coverage: fixturePlan().coverage,
      versions: {},
    } as Omit<Event, 'seq'>,
    { type: 'worst-batch', at, num_tokens: 712, memory_bytes: 3.1e9, forecast_bytes: 3.4e9 } as Omit<Event, 'seq'>,
  ];
  for (let step = 1; step <= steps; step++) {
    const loss = 2 / step + 0.1 * Math.abs(Math.sin(step));
    const shown = {
      learning_rate: 1e-3 * (1 - step / NUM_STEPS),
      grad_norm: 1 / step,
      num_tokens: 500,
      tokens_per_second: 190 + (step % 7),
      memory_bytes: 3.2e9,
      metrics: { mean_token_accuracy: step / NUM_STEPS },
    };
    events.push({ type: 'step-end', at, step, loss, ...shown, seconds_left: NUM_STEPS - step } as Omit<Event, 'seq'>);
    if (step % 10 === 0) {
      events.push({ type: 'eval-end', at, step, loss: loss + 0.05, is_best: true, metrics: {} } as Omit<Event, 'seq'>);
      events.push({
        type: 'sample',
        at,
        step,
        prompt: `Where is my parcel? ${HOSTILE}`,
        answer: step > 10 ? 'delivery' : 'billing',
        expected: 'delivery',
      } as Omit<Event, 'seq'>);
    }
  }
  return events.map((event, seq) => ({ ...event, seq }) as Event);
}

/** @param share of 40 rows that the challenger has right; the baseline has every tenth */
function makeComparison(home: string, name: string, share: number): string {
  const test = Array.from(
    { length: 40 },
    (_, i): Row => ({
      messages: [
        { role: 'user', content: `Report ${i} of ${name}: the pump stands still. ${i % 10 === 0 ? HOSTILE : ''}` },
        { role: 'assistant', content: JSON.stringify({ asset: `PU-${i}`, severity: 'high' }) },
      ],
    }),
  );
  const gate = checkedGate(
    Gate.parse({
      challenger: 'tuned',
      baselines: ['prompted', 'bare'],
      metric: 'exact_match',
      margin: 0.1,
      guardrails: { valid_json: 0.8, time_to_first_token_ms: 3000 },
      price_per_hour: 0.05,
      candidates: {
        tuned: { model: 'tuned', decoding: { json_schema: true } },
        prompted: { model: 'base', num_examples: 2, decoding: { json_schema: true } },
        bare: { model: 'base' },
      },
      schema: {
        type: 'object',
        properties: { asset: { type: 'string' }, severity: { enum: ['low', 'high'] } },
        required: ['asset', 'severity'],
      },
    }),
  );
  const adapter_sha256 = 'b'.repeat(64);
  const facts = { engine: 'llama.cpp v0.5.0', quantization: 'Q4_1', num_threads: 1, context_length: 2048 };
  const served = (model: string) => ({
    id: model === 'tuned' ? 'tickets-20261120-090000-aa' : 'smollm2-135m-instruct',
    object: 'model' as const,
    created: 0,
    owned_by: 'slipway',
    sha256: 'a'.repeat(64),
    adapter_sha256: model === 'tuned' ? adapter_sha256 : null,
    facts,
  });
  const candidates = resolveCandidates(
    gate.gate,
    (model) => {
      const { id, sha256, adapter_sha256 } = served(model);
      return { model: id, model_ref: id, model_sha256: sha256, adapter_sha256 };
    },
    test,
  );
  const comparison = openComparison(home, {
    name,
    gate,
    candidates,
    test,
    local: [{ model: 'smollm2-135m-instruct', runs: ['tickets-20261120-090000-aa'] }],
    endpoints: [],
    challengers: ['tuned'],
    caveats: [],
  });
  recordOpening(comparison);
  const { gate_sha256 } = comparison;
  const recorder = openRecorder({ file: comparisonFiles(comparison.folder).evidence, gate_sha256, channel: 'measured' });
  const rightShares: Record<string, number> = { tuned: share, prompted: 0.1, bare: 0 };
  for (const candidate of candidates) {
    const model = served(gate.gate.candidates[candidate.name]?.model ?? 'base');
    comparison.test.forEach((row, i) => {
      const group = row.group ?? '';
      const isRight = (i * 7) % 40 < 40 * (rightShares[candidate.name] ?? 0);
      const example_id = exampleId(row);
      recorder.add('answer', candidate, model, {
        example_id,
        group,
        repeat: 0,
        answer: isRight ? (row.messages.at(-1)?.content ?? '') : `{"asset": "${HOSTILE.replaceAll('"', "'")}", "severity": "low"}`,
        finish_reason: 'stop',
        scores: { valid_json: 1, exact_fields: isRight ? 1 : 0, exact_match: isRight ? 1 : 0 },
        prompt_tokens: 40,
        completion_tokens: 20,
        duration_ms: 500,
      });
      if (i >= 10) return;
      recorder.add('timing', candidate, model, {
        example_id,
        group,
        repeat: 0,
        is_cold: false,
        text_at_ms: [300 + i],
        ended_at_ms: 700 + i,
        time_to_first_token_ms: 300 + i,
        decode_ms: 400,
        prompt_tokens: 40,
        completion_tokens: 20,
      });
    });
  }
  recordEvidence(comparison);
  reviewComparison(comparison);
  judgeComparison(comparison);
  return comparison.folder;
}
