import { describe, expect, test } from 'vitest';
import { readShape } from '../src/model/folder/read-shape.js';
import { knownModel } from '../src/model/known-models.js';
import { Plan } from '../src/protocol/plan.js';
import { type PlanFacts, planRun } from '../src/tune/plan/plan.js';
import { refuseMachine, refuseSettings } from '../src/tune/plan/refuse.js';
import type { LoadedRecipe } from '../src/tune/read-recipe.js';
import { failure } from './support/failure.js';

const machine = { num_cores: 4, has_bfloat16: false, memory_bytes: 16e9, free_memory_bytes: 12e9, free_disk_bytes: 50e9, gpus: [] };
const rows = { sha256: 't', num_rows: 100, num_tokens: 12_000, longest_row_tokens: 144 };
const facts = (recipe: object, commandLine: object = {}, changes: object = {}): PlanFacts => ({
  loaded: {
    file: 'r.yaml',
    folder: '/',
    text: '',
    sha256: 'r',
    command_line: commandLine,
    recipe: { model: 'm', method: 'sft', data: { train: 't.jsonl' }, ...recipe, ...commandLine },
  } as LoadedRecipe,
  model: { id: 'm', folder: '/models/m', sha256: 'h', quantization: 'Q4_1' },
  shape: readShape(knownModel('smollm2-135m-instruct')?.config, 'config.json'),
  train: rows,
  dev: null,
  machine: { ...machine, ...changes },
  resume_from: null,
});
const scout = (recipe: object): PlanFacts => ({
  ...facts({ machine: { gpus: 1, gpu_memory_gb: 80 }, ...recipe }),
  shape: readShape(knownModel('llama-4-scout-17b-16e-instruct')?.config, 'scout'),
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

  test('precision on a CPU is float32, whatever the CPU has', () => {
    expect(planRun(facts({})).settings.precision).toMatchObject({ value: 'float32', source: 'machine' });
    expect(planRun(facts({}, {}, { has_bfloat16: true })).settings.precision).toMatchObject({ value: 'float32', source: 'machine' });
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

describe('what will be trained, from a config alone', () => {
  /** Totals as the Hub shows them for each model's safetensors. */
  test.each([
    ['smollm2-135m-instruct', 134_515_008],
    ['llama-3.2-1b-instruct', 1_235_814_400],
    ['llama-3.1-8b-instruct', 8_030_261_248],
    ['gemma-3-270m', 268_098_176],
    ['gemma-3-1b-it', 999_885_952],
    ['gemma-3-4b-it', 4_300_079_472],
    ['gemma-3-12b-it', 12_187_325_040],
    ['gemma-3-27b-it', 27_432_406_640],
    ['llama-4-scout-17b-16e-instruct', 108_641_793_536],
  ])('%s has %i parameters', (id, total) => {
    expect(readShape(knownModel(id)?.config, id).num_parameters).toBe(total);
  });

  test('a 109B Scout: experts are said to be frozen, and router and vision never train', () => {
    const { coverage, forecast, settings } = planRun(scout({ load_in_4bit: true }));
    const of = (kind: string) => coverage.find(({ module_class }) => module_class === kind);
    expect(of('routed experts')).toMatchObject({ num_parameters: 96_636_764_160, num_reached_parameters: 0 });
    expect(of('shared expert')).toMatchObject({ num_parameters: 6_039_797_760, num_reached_parameters: 6_039_797_760 });
    for (const kind of ['router', 'vision', 'embeddings', 'head']) expect(of(kind)?.num_trained_parameters).toBe(0);
    // Axolotl measured 64.5 GB for this on one H100, at 4,096 tokens a row.
    expect(forecast.memory_bytes).toBeGreaterThan(60e9);
    expect(forecast.memory_bytes).toBeLessThan(80e9);
    expect(settings).toMatchObject({
      device: { value: 'cuda' },
      precision: { value: 'bfloat16' },
      learning_rate: { value: 1e-4, source: 'model' },
    });
    expect(forecast.duration_s).toBeNull();
  });

  test('with 4-bit linears only, the experts alone would be 193 GB', () => {
    const experts = 96_636_764_160;
    expect(experts * 2).toBeGreaterThan(193e9);
    expect(planRun(scout({ load_in_4bit: false })).forecast.memory_bytes).toBeGreaterThan(experts * 2);
  });

  test('experts by their fused names', () => {
    const target_parameters = ['feed_forward.experts.gate_up_proj', 'feed_forward.experts.down_proj'];
    const { coverage } = planRun(scout({ lora: { target_parameters, r: 2 } }));
    const experts = coverage.find(({ module_class }) => module_class === 'routed experts');
    expect(experts?.num_reached_parameters).toBe(experts?.num_parameters);
    expect(experts?.num_trained_parameters).toBe(48 * 16 * 2 * (5120 + 16_384 + 8192 + 5120));
  });

  const EXPERTS = ['feed_forward.experts.down_proj'];
  test.each<[string, PlanFacts]>([
    ['target-unmatched', facts({ lora: { target_modules: ['q_proj', 'query'] } })],
    ['target-unmatched', scout({ lora: { target_parameters: ['mlp.experts.down_proj'] } })],
    ['target-unmatched', facts({ lora: { target_parameters: EXPERTS } })],
    ['target-forbidden', scout({ lora: { target_modules: ['router'] } })],
    ['experts-frozen', scout({ lora: { target_modules: ['gate_proj', 'up_proj', 'down_proj'] } })],
    ['expert-dropout', scout({ lora: { target_parameters: EXPERTS, dropout: 0.05 } })],
    ['experts-quantized', scout({ lora: { target_parameters: EXPERTS }, load_in_4bit: true })],
  ])('%s before any weight is read', async (code, asked) => {
    expect((await failure(() => planRun(asked))).code).toBe(code);
  });

  test('experts may stay frozen when the recipe says so', () => {
    const lora = { target_modules: ['gate_proj', 'up_proj', 'down_proj'] };
    expect(planRun(scout({ lora, allow: ['experts-frozen'] })).coverage.length).toBe(8);
  });
});

describe('what no run can be made of', () => {
  const gemma = (recipe: object): PlanFacts => ({ ...facts(recipe), shape: readShape(knownModel('gemma-3-4b-it')?.config, 'gemma') });
  const settingsOf = (asked: PlanFacts) => failure(() => refuseSettings(planRun(asked), asked.shape));

  test('fp16 on Gemma 3, with the reason; another precision, or the exact override, is not', async () => {
    const onGpu = { machine: { gpus: 1, gpu_memory_gb: 16 } };
    expect(await settingsOf(gemma({ ...onGpu, precision: 'float16' }))).toMatchObject({ code: 'float16-overflow' });
    for (const allowed of [
      gemma({ ...onGpu, precision: 'float16', allow: ['float16-overflow'] }),
      gemma({ ...onGpu, precision: 'bfloat16' }),
    ])
      refuseSettings(planRun(allowed), allowed.shape);
    expect(await settingsOf(facts({ precision: 'float16' }))).toMatchObject({ data: { setting: 'precision' } });
  });

  test('a fused loss that would give the trained head no gradient, and a best checkpoint that nobody measures', async () => {
    expect(await settingsOf(facts({ use_peft: false, fused_loss: true }))).toMatchObject({ data: { setting: 'fused_loss' } });
    expect(await settingsOf(facts({ load_best_model_at_end: true }))).toMatchObject({ data: { setting: 'load_best_model_at_end' } });
  });

  test('gpu-insufficient names what is needed and what is here', async () => {
    const error = await failure(() => refuseMachine(planRun(scout({ load_in_4bit: true })), machine));
    expect(error).toMatchObject({ code: 'gpu-insufficient', data: { count: 1, here: 'none' } });
  });

  test('rows end to end only where positions stay right: Llama 4 scales its attention by them', () => {
    expect(planRun(scout({})).settings.padding_free.value).toBe(true);
    const long = { ...scout({}), train: { ...rows, longest_row_tokens: 4096 } };
    expect(planRun(long).settings.padding_free).toMatchObject({ value: false, source: 'model' });
  });
});
