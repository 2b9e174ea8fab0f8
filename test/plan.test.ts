import { describe, expect, test } from 'vitest';
import { readShape } from '../src/model/families/read-shape.js';
import { knownModel } from '../src/model/known-models.js';
import { Plan, planRows } from '../src/protocol/plan.js';
import { trainedCoverage } from '../src/tune/plan/coverage.js';
import { keptActivations } from '../src/tune/plan/kept-activations.js';
import { operationsOf } from '../src/tune/plan/operations.js';
import { type PlanFacts, planRun } from '../src/tune/plan/plan.js';
import { refuseMachine, refuseSettings } from '../src/tune/plan/refuse.js';
import { resumedPlan } from '../src/tune/prepare.js';
import type { LoadedRecipe } from '../src/tune/read-recipe.js';
import { parseRecipe } from '../src/tune/read-recipe.js';
import { failure } from './support/failure.js';

const machine = { num_cores: 4, has_bfloat16: false, memory_bytes: 16e9, free_memory_bytes: 12e9, free_disk_bytes: 50e9, gpus: [] };
const rows = {
  sha256: 't',
  num_rows: 100,
  num_supervised_rows: 100,
  num_tokens: 12_000,
  longest_row_tokens: 144,
  longest_lengths: [144],
  labels: null,
  heaviest_own_tokens: [144],
  computed_shares: [],
};
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
  test: null,
  gate_sha256: null,
  parent: null,
  machine: { ...machine, ...changes },
});
const scout = (recipe: object): PlanFacts => ({
  ...facts({ machine: { gpus: 1, gpu_memory_gb: 80 }, ...recipe }),
  shape: readShape(knownModel('llama-4-scout-17b-16e-instruct')?.config, 'scout'),
});

const gemma = (recipe: object): PlanFacts => ({ ...facts(recipe), shape: readShape(knownModel('gemma-3-4b-it')?.config, 'gemma') });

describe('every value has its source', () => {
  test('command line over recipe over default, data and machine', () => {
    const plan = planRun(facts({ learning_rate: 0.001, lora: { r: 8 } }, { seed: 3 }));
    const { sources } = plan;
    expect(plan.values.training).toMatchObject({ seed: 3, learning_rate: 0.001 });
    expect(plan.values.lora).toMatchObject({ r: 8, lora_alpha: 16 });
    expect(plan.values.run).toMatchObject({ max_length: 144, num_threads: 4 });
    expect(sources.seed).toEqual({ source: 'command line' });
    expect(sources.learning_rate).toEqual({ source: 'recipe' });
    expect(sources['lora.r']).toEqual({ source: 'recipe' });
    expect(sources['lora.lora_alpha']).toEqual({ source: 'default', why: '2 × lora.r' });
    expect(sources.max_length).toEqual({ source: 'data', why: 'the longest row' });
    expect(sources.num_threads).toEqual({ source: 'machine', why: '4 cores' });
    for (const row of planRows(plan)) expect([row.path, row.source !== '']).toEqual([row.path, true]);
  });

  test('a warm-up below 1 is a share of the steps, else a number of them', () => {
    const of = (warmup_steps: number) => planRun(facts({ num_train_epochs: 4, warmup_steps })).values.training.warmup_steps;
    expect([of(0), of(0.1), of(3)]).toEqual([0, 5, 3]);
  });

  test('precision on a CPU is float32, whatever the CPU has', () => {
    for (const has_bfloat16 of [false, true]) {
      const { values, sources } = planRun(facts({}, {}, { has_bfloat16 }));
      expect([values.model.precision, sources.precision?.source]).toEqual(['float32', 'machine']);
    }
  });
});

test('the plan is what the protocol says, and its forecast counts', () => {
  const plan = planRun(facts({ num_train_epochs: 2 }));
  expect(Plan.parse(plan)).toEqual(plan);
  // r 16 on all seven linear layers of SmolLM2-135M; PEFT counts the same.
  expect(plan.forecast).toMatchObject({ num_steps: 26, num_trained_parameters: 4_884_480 });
  // The quickstart's batches have as many tokens; its measured peak is 2.5 GB.
  expect(plan.forecast.memory_bytes).toBeGreaterThan(2.3e9);
  expect(plan.forecast.memory_bytes).toBeLessThan(2.7e9);
});

describe('what the forward pass keeps', () => {
  const kept = (of: PlanFacts) => keptActivations(of.shape, planRun(of).values);

  test('of SmolLM2: four times its width, twice its queries, keys and values, three times its MLP, and the ranks', () => {
    expect(kept(facts({})).largest_layer).toBe(4 * 576 + 2 * 576 + 2 * 192 + 3 * 1536 + 7 * 16);
    expect(kept(facts({})).whole).toBe(30 * kept(facts({})).largest_layer);
    expect(kept(facts({ use_peft: false })).largest_layer).toBe(kept(facts({})).largest_layer - 7 * 16);
  });

  test('of Gemma 3: two norms more, and queries and keys before theirs', () => {
    const { hidden_size: hidden, intermediate_size: wide } = gemma({}).shape;
    const [queries, keys] = [8 * 256, 4 * 256];
    expect(kept(gemma({})).largest_layer).toBe(6 * hidden + 3 * queries + 3 * keys + 3 * wide + 7 * 16);
  });

  test('nothing below the first adapted layer', () => {
    const upper = Array.from({ length: 20 }, (_, index) => index + 10);
    expect(kept(facts({ lora: { layers_to_transform: upper } })).whole).toBe((2 / 3) * kept(facts({})).whole);
  });

  test('not the input of a product from which nothing learns', () => {
    const attention = facts({ lora: { target_modules: ['q_proj', 'o_proj'] } });
    // The MLP's input and that of its last product, and five ranks.
    expect(kept(facts({})).largest_layer - kept(attention).largest_layer).toBe(576 + 1536 + 5 * 16);
    const experts = ['gate_up_proj', 'down_proj'].map((name) => `feed_forward.experts.${name}`);
    const frozen = kept(scout({ plain: [] })).largest_layer;
    expect(kept(scout({ plain: [], lora: { target_parameters: experts } })).largest_layer - frozen).toBe(5120 + 8192);
  });

  test('more where the originals compute', () => {
    expect(kept(facts({ plain: ['recomputed'] })).whole).toBeGreaterThan(1.5 * kept(facts({})).whole);
  });
});

describe('operations of a run', () => {
  const operations = (of: PlanFacts) => operationsOf(of.shape, planRun(of).values, 1);
  const total = 134_515_008;
  /** Of a layer of SmolLM2-135M. */
  const layer = 2 * 576 * 576 + 2 * 576 * 192 + 3 * 576 * 1536 + 2 * 576;

  test('four a frozen weight and token, six a trained one', () => {
    expect(operations(facts({}))).toBe(4 * total);
    expect(operations(facts({ use_peft: false, num_train_epochs: 3 }))).toBe(3 * 6 * total);
  });

  test('below the first adapted layer nothing backward, and forward in the first epoch alone', () => {
    const upper = { lora: { layers_to_transform: Array.from({ length: 20 }, (_, index) => index + 10) } };
    const [above, below] = [total - 10 * layer, 10 * layer];
    expect(operations(facts(upper))).toBe(4 * above + 2 * below);
    expect(operations(facts({ ...upper, num_train_epochs: 3 }))).toBe(3 * 4 * above + 2 * below);
    for (const plain of ['frozen_layers', 'padding_free', 'fused_loss'])
      expect(operations(facts({ ...upper, num_train_epochs: 3, plain: [plain] }))).toBe(3 * (4 * above + 2 * below));
  });

  test('of sixteen experts a token meets one, of text no vision', () => {
    const [active, all] = [17e9, 107e9];
    expect(operations(scout({ plain: [] })) / 4).toBeGreaterThan(0.9 * active - 1e9);
    expect(operations(scout({ plain: [] })) / 4).toBeLessThan(active);
    expect(operations(scout({ plain: ['sparse_experts'] })) / 4).toBeGreaterThan(all - 2e9);
  });
});

test('what rows share is computed once: fewer tokens in the heaviest batch, and less time', () => {
  const train = { ...rows, longest_lengths: Array(8).fill(900), heaviest_own_tokens: [900, ...Array(7).fill(100)] };
  const shared = { ...train, computed_shares: [2, 8, 16].map((num_rows) => ({ num_rows, share: 1 / num_rows })) };
  const at = (plain: string[]) => planRun({ ...facts({ plain }), train: shared });
  expect(at([]).data).toMatchObject({ heaviest_batch_tokens: 1600, computed_share: 1 / 8 });
  expect(at(['shared_prefix']).data).toMatchObject({ heaviest_batch_tokens: 7200, computed_share: 1 });
  expect(at(['padding_free']).data).toMatchObject({ heaviest_batch_tokens: 7200, computed_share: 1 });
  expect(at([]).forecast.duration_s).toBeLessThan(at(['shared_prefix']).forecast.duration_s ?? 0);
  expect(at([]).forecast.memory_bytes).toBeLessThan(at(['shared_prefix']).forecast.memory_bytes);
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
    const { coverage, forecast, device, values, sources } = planRun(scout({ load_in_4bit: true }));
    const of = (kind: string) => coverage.find(({ module_class }) => module_class === kind);
    expect(of('routed experts')).toMatchObject({ num_parameters: 96_636_764_160, num_reached_parameters: 0 });
    expect(of('shared expert')).toMatchObject({ num_parameters: 6_039_797_760, num_reached_parameters: 6_039_797_760 });
    for (const kind of ['router', 'vision', 'embeddings', 'head']) expect(of(kind)?.num_trained_parameters).toBe(0);
    // Axolotl measured 64.5 GB for this on one H100, at 4,096 tokens a row.
    expect(forecast.memory_bytes).toBeGreaterThan(60e9);
    expect(forecast.memory_bytes).toBeLessThan(80e9);
    expect(device).toBe('cuda');
    expect(values).toMatchObject({ model: { precision: 'bfloat16' }, training: { learning_rate: 1e-4 } });
    expect(sources.learning_rate?.source).toBe('model');
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
    ['target-forbidden', gemma({ lora: { target_modules: ['q_proj', 'out_proj'] } })],
    ['target-unmatched', gemma({ lora: { target_parameters: EXPERTS } })],
    ['experts-frozen', scout({ lora: { target_modules: ['gate_proj', 'up_proj', 'down_proj'] } })],
    ['expert-dropout', scout({ lora: { target_parameters: EXPERTS, lora_dropout: 0.05 } })],
    ['experts-quantized', scout({ lora: { target_parameters: EXPERTS }, load_in_4bit: true })],
  ])('%s before any weight is read', async (code, asked) => {
    expect((await failure(() => planRun(asked))).code).toBe(code);
  });

  test('some of the layers', async () => {
    const trained = (lora: object) => planRun(facts({ lora })).coverage.map(({ num_trained_parameters }) => num_trained_parameters);
    const [all, half] = [trained({}), trained({ layers_to_transform: Array.from({ length: 15 }, (_, i) => 15 + i) })];
    expect(half).toEqual(all.map((count) => count / 2));
    expect(await failure(() => trained({ layers_to_transform: [29, 30] }))).toMatchObject({
      code: 'target-unmatched',
      data: { setting: 'lora.layers_to_transform', target: '30', known: '0 to 29' },
    });
  });

  test('experts may stay frozen when the recipe says so', () => {
    const lora = { target_modules: ['gate_proj', 'up_proj', 'down_proj'] };
    expect(planRun(scout({ lora, allow: ['experts-frozen'] })).coverage.length).toBe(8);
  });

  test('all-linear becomes the names that PEFT matches; nothing-trained where there are none', async () => {
    expect(planRun(facts({})).values.lora.target_modules).toEqual([
      'down_proj',
      'gate_proj',
      'k_proj',
      'o_proj',
      'q_proj',
      'up_proj',
      'v_proj',
    ]);
    const nothing = { r: 8, target_modules: [], target_parameters: [], layers_to_transform: null };
    expect((await failure(() => trainedCoverage(facts({}).shape, nothing))).code).toBe('nothing-trained');
  });
});

describe('what no run can be made of', () => {
  const settingsOf = (asked: PlanFacts) => failure(() => refuseSettings(planRun(asked)));

  test('float16, with the reason, before anything is read', async () => {
    const text = 'model: tiny\nmethod: sft\ndata: { train: t.jsonl }\nprecision: float16\n';
    const error = await failure(() => parseRecipe('r.yaml', text));
    expect([error.code, error.message]).toEqual([
      'recipe-invalid',
      expect.stringMatching(/r\.yaml:4: precision: float16 is not offered.*bfloat16/),
    ]);
  });

  test('weights sharded on a CPU, by one process, or in 4 bits', async () => {
    const gpus = { machine: { gpus: 2, gpu_memory_gb: 80 } };
    expect(await settingsOf(facts({ fsdp: true }))).toMatchObject({ data: { setting: 'fsdp' } });
    expect(await settingsOf(facts({ ...gpus, fsdp: true, num_processes: 1 }))).toMatchObject({ data: { setting: 'fsdp' } });
    expect(await settingsOf(facts({ ...gpus, fsdp: true, load_in_4bit: true }))).toMatchObject({ data: { setting: 'load_in_4bit' } });
    const allowed = facts({ ...gpus, fsdp: true });
    refuseSettings(planRun(allowed));
    const [whole, sharded] = [facts(gpus), allowed].map((asked) => planRun(asked).forecast.memory_bytes) as [number, number];
    expect(sharded).toBeLessThan(whole);
  });

  test('all weights in bfloat16 are held in float32: 16 bytes each, and a copy to compute with', () => {
    const full = (precision: string) => planRun(facts({ use_peft: false, precision }));
    const [whole, half] = [full('float32'), full('bfloat16')];
    const numTrained = whole.forecast.num_trained_parameters;
    expect(whole.forecast.memory_bytes).toBeGreaterThan(16 * numTrained);
    expect(half.forecast.memory_bytes).toBeGreaterThan(16 * numTrained + 2 * numTrained);
  });

  test('the forecast holds the longest rows that can meet, and steps count rows that teach', () => {
    const at = (longest_lengths: number[], changes: object = {}) =>
      planRun({
        ...facts({ per_device_train_batch_size: 4 }),
        train: { ...rows, longest_lengths, heaviest_own_tokens: longest_lengths, ...changes },
      });
    expect(at([144]).data.heaviest_batch_tokens).toBe(4 * 144);
    expect(at([144, 100, 50, 40, 30]).data.heaviest_batch_tokens).toBe(144 + 100 + 50 + 40);
    expect(at([144, 100], { num_supervised_rows: 2 }).data.heaviest_batch_tokens).toBe(244);
    expect(at([1440, 1440, 1440, 1440]).forecast.memory_bytes).toBeGreaterThan(at([1440, 10, 10, 10]).forecast.memory_bytes);
    expect([at([144]).forecast.num_steps, at([144], { num_supervised_rows: 80 }).forecast.num_steps]).toEqual([25, 20]);
  });

  test('a best checkpoint that nobody measures', async () => {
    expect(await settingsOf(facts({ load_best_model_at_end: true }))).toMatchObject({ data: { setting: 'load_best_model_at_end' } });
  });

  test('gpu-insufficient names what is needed and what is here', async () => {
    const error = await failure(() => refuseMachine(planRun(scout({ load_in_4bit: true })), machine));
    expect(error).toMatchObject({ code: 'gpu-insufficient', data: { count: 1, here: 'none' } });
  });
});

describe('a run that trains the adapter of another further', () => {
  const { lora } = planRun(facts({ lora: { r: 8 } })).values;
  const parent = { artifact: { run: 'first', folder: '/runs/first/artifact', sha256: 'p' }, lora };
  const from = (recipe: object): PlanFacts => ({ ...facts({ model: 'first', ...recipe }), parent });

  test('has its form, and names it as the parent of the policy', () => {
    const { values, sources, models } = planRun(from({}));
    expect(values.lora).toEqual(lora);
    expect(sources['lora.r']).toEqual({ source: 'model', why: 'the adapter of first' });
    expect(models.policy.adapter).toEqual(parent.artifact);
  });

  test('is refused with another form', async () => {
    planRun(from({ lora: { r: 8 } }));
    expect(await failure(() => planRun(from({ lora: { r: 4 } })))).toMatchObject({
      code: 'setting-unsupported',
      data: { setting: 'lora.r', suggestion: '8' },
    });
    expect(await failure(() => planRun(from({ use_peft: false })))).toMatchObject({ data: { setting: 'use_peft' } });
  });
});

test('a further attempt keeps every value but the threads, which follow from the machine', () => {
  const plan = planRun(facts({}));
  const resumed = resumedPlan(plan, { ...machine, num_cores: 2 }, '/run/checkpoints/checkpoint-4');
  expect(resumed).toEqual({
    ...plan,
    resume_from: '/run/checkpoints/checkpoint-4',
    values: { ...plan.values, run: { ...plan.values.run, num_threads: 2 } },
  });
  const asked = planRun(facts({ num_threads: 1 }));
  expect(resumedPlan(asked, machine, null).values.run.num_threads).toBe(1);
});

describe('methods on preferences', () => {
  const preferences = (method: string, recipe: object = {}, labels: unknown = null) =>
    planRun({ ...facts({ method, ...recipe }), train: { ...rows, labels: labels as never } });

  test('have rates of their own, and the rarer label weighs more', () => {
    expect(preferences('dpo').values.training).toMatchObject({ learning_rate: 5e-6, beta: 0.1, loss_type: 'sigmoid' });
    expect(preferences('dpo', { use_peft: false }).values.training.learning_rate).toBe(5e-7);
    const { values, sources } = preferences('kto', {}, { good: 75, bad: 25 });
    expect(values.training).toMatchObject({ desirable_weight: 1, undesirable_weight: 3 });
    expect(sources.undesirable_weight).toEqual({ source: 'data', why: '25 against 75 answers' });
    expect(preferences('kto', {}, { good: 10, bad: 90 }).values.training).toMatchObject({ desirable_weight: 9, undesirable_weight: 1 });
    expect(preferences('kto', {}, { good: 100, bad: 0 }).values.training).toMatchObject({ desirable_weight: 1, undesirable_weight: 1 });
  });

  test('of KTO a batch has two answers', () => {
    expect(() => refuseSettings(preferences('kto', { per_device_train_batch_size: 1 }))).toThrowError(
      expect.objectContaining({ code: 'setting-unsupported', data: expect.objectContaining({ suggestion: 2 }) }),
    );
    refuseSettings(preferences('dpo', { per_device_train_batch_size: 1 }));
  });

  test('a reward model has one score in place of its head, which is trained whole beside an adapter', () => {
    const plan = preferences('reward');
    expect(plan.values.training).toMatchObject({ learning_rate: 1e-4, center_rewards_coefficient: null });
    expect(plan.values.run).not.toHaveProperty('num_eval_generations');
    const head = { module_class: 'head', num_parameters: 576, num_reached_parameters: 576, num_trained_parameters: 576 };
    expect(plan.coverage).toContainEqual(head);
    expect(plan.forecast.num_trained_parameters).toBe(preferences('dpo').forecast.num_trained_parameters + 576);
    expect(plan.forecast.duration_s).toBeLessThan(preferences('dpo').forecast.duration_s as number);
    // Scout's own head of 202,048 words is not held.
    const large = planRun({ ...scout({ method: 'reward', load_in_4bit: true }), train: rows });
    expect(large.coverage.find(({ module_class }) => module_class === 'head')).toMatchObject({ num_parameters: 5120 });
    expect(large.models.policy.num_parameters).toBe(planRun(scout({ load_in_4bit: true })).models.policy.num_parameters);
  });

  test('take the time of their reference, and rows as TRL has them altogether or not', () => {
    const time = (method: string) => preferences(method).forecast.duration_s as number;
    expect(time('dpo')).toBeGreaterThan(time('sft'));
    expect(preferences('dpo', { plain: ['fused_loss'] }).values.model.plain).toEqual(['fused_loss', 'padding_free']);
    expect(preferences('sft', { plain: ['fused_loss'] }).values.model.plain).toEqual(['fused_loss']);
  });
});
