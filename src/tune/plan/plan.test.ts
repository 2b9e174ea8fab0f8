import { describe, expect, test } from 'vitest';
import type { Inspection } from '../../protocol/inspection.js';
import type { ModelRecord } from '../../protocol/model-record.js';
import { Plan } from '../../protocol/plan.js';
import type { LoadedRecipe } from '../read-recipe.js';
import { planRun } from './plan.js';

const split = {
  split: 'train' as const,
  sha256: 't',
  num_rows: 100,
  num_tokens: 12_000,
  longest_row: { row: 3, num_tokens: 144 },
  supervised_tokens: { min: 5, median: 60, max: 70 },
  rows_without_supervision: [],
  rows_too_long: [],
  is_end_of_turn_supervised: true,
};
const machine = { num_cores: 4, has_bfloat16: false, memory_bytes: 16e9, free_memory_bytes: 12e9, free_disk_bytes: 50e9 };
const facts = (recipe: object, commandLine: object = {}, changes: object = {}) => ({
  loaded: {
    file: 'r.yaml',
    folder: '/',
    text: '',
    sha256: 'r',
    command_line: commandLine,
    recipe: { model: 'm', method: 'sft', data: { train: 't.jsonl' }, ...recipe, ...commandLine },
  } as LoadedRecipe,
  model: { id: 'm', sha256: 'h', quantization: 'Q4_1', num_parameters: 134_515_008 } as ModelRecord,
  model_folder: '/models/m',
  shape: {
    hidden_size: 576,
    intermediate_size: 1536,
    num_hidden_layers: 30,
    num_attention_heads: 9,
    num_key_value_heads: 3,
    vocab_size: 49152,
  },
  pad_token_id: 0,
  end_of_turn_token_id: 2,
  inspection: { max_length: 8192, tokenizer_sha256: 'k', splits: [split], first_rows: [] } as Inspection,
  machine: { ...machine, ...changes },
  resume_from: null,
});

describe('every value has its source', () => {
  test('command line over recipe over default, data and machine', () => {
    const { settings } = planRun(facts({ learning_rate: 0.001, lora: { r: 8 } }, { seed: 3 }));
    expect(settings.seed).toEqual({ value: 3, source: 'command line' });
    expect(settings.learning_rate).toEqual({ value: 0.001, source: 'recipe' });
    expect(settings.lora_r).toEqual({ value: 8, source: 'recipe' });
    expect(settings.lora_alpha).toEqual({ value: 16, source: 'default', why: '2 × lora.r' });
    expect(settings.max_length).toEqual({ value: 144, source: 'data', why: 'the longest row' });
    expect(settings.num_threads).toEqual({ value: 4, source: 'machine', why: '4 cores' });
    for (const [name, value] of Object.entries(settings)) expect([name, Boolean(value.source)]).toEqual([name, true]);
  });

  test('precision follows the CPU', () => {
    expect(planRun(facts({})).settings.precision).toMatchObject({ value: 'float32', source: 'machine' });
    expect(planRun(facts({}, {}, { has_bfloat16: true })).settings.precision).toMatchObject({ value: 'bfloat16', source: 'machine' });
  });
});

test('the plan is what the protocol says, and its forecast counts', () => {
  const plan = planRun(facts({ num_train_epochs: 2 }));
  expect(Plan.parse(plan)).toEqual(plan);
  // r 16 on all seven linear layers of SmolLM2-135M; PEFT counts the same.
  expect(plan.forecast).toMatchObject({ num_steps: 26, num_trained_parameters: 4_884_480 });
  expect(plan.forecast.memory_bytes).toBeGreaterThan(3e9);
  expect(plan.forecast.memory_bytes).toBeLessThan(6e9);
});
