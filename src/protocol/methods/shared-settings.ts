/** Settings that every method has. Names are those of Transformers, TRL and PEFT. */
import { z } from 'zod';
import { always, resolvedSetting, setting } from './setting.js';

const positiveInteger = z.int().positive();
const quantity = (largest: number) => positiveInteger.max(largest);

/** A module's or a parameter's name, or the end of its path, as PEFT matches it. */
const tensorPath = z.string().regex(/^[A-Za-z_][\w.]*$/, 'must be a name such as q_proj, or the end of a path such as mlp.up_proj');

/** What is refused unless the recipe allows it by this word. */
export const Override = z.enum([
  'experts-frozen',
  'answers-truncated',
  'rows-without-supervision',
  'end-of-turn-unsupervised',
  'pad-ends-turn',
  'near-duplicates',
]);
export type Override = z.infer<typeof Override>;

export const Precision = z.enum(['float32', 'bfloat16'], {
  error: ({ input }) =>
    input === 'float16' ? 'float16 is not offered: its loss overflows before it is scaled; write bfloat16 or float32' : undefined,
});
export type Precision = z.infer<typeof Precision>;

/** Computations that the worker replaces: a file each in python/worker/compute. */
export const Replacement = z.enum([
  'padding_free',
  'shared_prefix',
  'fused_loss',
  'last_layer',
  'frozen_layers',
  'fused_projection',
  'recomputed',
  'sparse_experts',
]);
export type Replacement = z.infer<typeof Replacement>;

/** From here on a model is large: TRL and Tülu 3 halve the learning rate for 27B and more, and for experts. */
export const LARGE_MODEL = 25e9;

/** The seed of a run for which none is given. */
export const DEFAULT_SEED = 42;

/** How the weights are held and computed with. */
export const MODEL_SETTINGS = {
  use_peft: setting({
    schema: z.boolean(),
    description: 'train an adapter; false: all weights are trained',
    default: always(true),
    reason: 'LoRA matches full fine-tuning on small sets at a fraction of the memory ("LoRA Without Regret")',
  }),
  load_in_4bit: setting({
    schema: z.boolean(),
    description: 'QLoRA: frozen weights as NF4 with double quantisation',
    default: always(false),
  }),
  precision: setting({
    schema: Precision,
    description: 'type in which it is computed; weights that are all trained are held in float32',
    default: {
      text: 'float32 on a CPU, bfloat16 on a GPU',
      of: ({ has_gpu }) =>
        has_gpu
          ? { value: 'bfloat16', source: 'machine', why: 'a GPU' }
          : { value: 'float32', source: 'machine', why: 'a CPU: figures do not depend on its instructions' },
    },
    reason: 'some CPUs have bfloat16 and others do not: with it one recipe would give other figures on each',
  }),
  fsdp: setting({
    schema: z.boolean(),
    description: 'FSDP2: each process holds a part of the weights, gradients and moments; on GPUs, not tried on any',
    default: always(false),
    reason: 'tested with two processes on CPUs (python/tests/test_processes.py); a model that fits one GPU trains faster without it',
  }),
  plain: setting({
    schema: z.array(Replacement),
    description: 'computations that stay as Transformers, TRL and PEFT have them',
    default: {
      text: 'none on a CPU, all on a GPU',
      of: ({ has_gpu }) =>
        has_gpu
          ? { value: [...Replacement.options], source: 'machine', why: 'a GPU: the replacements were not tried on any' }
          : { value: [], source: 'default' },
    },
    reason: 'each has the same losses and gradients (python/tests/test_compute.py) in less time or memory; bench/README.md has the figures',
  }),
};

/** What TRL's training arguments take. `learning_rate` is not here: each method has its own default. */
export const TRAINING_SETTINGS = {
  num_train_epochs: setting({ schema: z.number().positive().max(1000), description: 'passes over the train rows', default: always(1) }),
  per_device_train_batch_size: setting({
    schema: quantity(4096),
    description: 'rows in one forward pass of one process',
    default: always(8),
    reason: 'LoRA learns less from large batches; under 32 it does not show ("LoRA Without Regret")',
  }),
  gradient_accumulation_steps: setting({
    schema: quantity(4096),
    description: 'forward passes for one step of the optimizer',
    default: always(1),
  }),
  lr_scheduler_type: setting({
    schema: z.enum(['cosine', 'linear', 'constant']),
    description: 'how the learning rate falls after the warm-up',
    default: always<'cosine' | 'linear' | 'constant'>('cosine'),
  }),
  warmup_steps: resolvedSetting({
    schema: z.number().min(0),
    planned: z.int().min(0),
    description: 'steps in which the learning rate rises to its value; below 1: a share of all steps',
    default: always(0.03),
    reason: 'the share that the QLoRA paper and Tülu 3 use',
  }),
  weight_decay: setting({ schema: z.number().min(0).max(1), description: 'AdamW’s decoupled weight decay', default: always(0) }),
  max_grad_norm: setting({
    schema: z.number().positive(),
    description: 'gradients of a larger norm are scaled down to it',
    default: always(1),
  }),
  eval_steps: setting({
    schema: positiveInteger,
    description: 'steps between two passes over the dev rows',
    default: {
      text: 'a quarter of the run',
      of: ({ num_steps }) => ({ value: Math.max(1, Math.ceil(num_steps() / 4)), source: 'data', why: 'four times a run' }),
    },
  }),
  save_steps: setting({
    schema: positiveInteger,
    description: 'steps between two checkpoints',
    default: {
      text: 'eval_steps',
      of: ({ value }) => ({ value: value<number>('eval_steps'), source: 'data', why: 'as often as dev is measured' }),
    },
  }),
  save_total_limit: setting({
    schema: z.int().min(2).max(100),
    description: 'checkpoints kept; with one there would be none while the next is written',
    default: always(2),
  }),
  load_best_model_at_end: setting({
    schema: z.boolean(),
    description: 'the artifact is of the checkpoint with the lowest dev loss',
    default: {
      text: 'true where dev is measured at each checkpoint',
      of: ({ has_dev_rows, value }) => {
        const isMeasured = has_dev_rows && value<number>('save_steps') % value<number>('eval_steps') === 0;
        return { value: isMeasured, source: 'data', why: isMeasured ? 'dev is measured' : 'no dev rows to choose by' };
      },
    },
  }),
  gradient_checkpointing: setting({
    schema: z.boolean(),
    description: 'compute activations twice to hold fewer of them',
    default: {
      text: 'true on a GPU',
      of: ({ has_gpu }) => ({ value: has_gpu, source: 'machine', why: has_gpu ? 'GPU memory is scarce' : 'no GPU' }),
    },
  }),
  seed: setting({
    schema: z
      .int()
      .min(0)
      .max(2 ** 31 - 1),
    description: 'of generated rows, of their order, and of new weights',
    default: always(DEFAULT_SEED),
  }),
};

/** What PEFT's LoraConfig takes. */
export const LORA_SETTINGS = {
  r: setting({
    schema: quantity(512),
    description: 'rank of the adapter',
    default: always(16),
    reason: 'where Unsloth’s guide starts',
  }),
  lora_alpha: setting({
    schema: z.number().positive(),
    description: 'scale of the adapter: it is multiplied by lora_alpha / r',
    default: { text: '2 × lora.r', of: ({ value }) => ({ value: 2 * value<number>('lora.r'), source: 'default', why: '2 × lora.r' }) },
    reason: 'as Axolotl has it',
  }),
  lora_dropout: setting({
    schema: z.number().min(0).max(0.9),
    description: 'share of the adapter’s input that is dropped while training',
    default: always(0),
  }),
  target_modules: resolvedSetting({
    schema: z.union([z.literal('all-linear'), z.array(tensorPath).min(1)]),
    planned: z.array(z.string()),
    description: 'layers that carry an adapter; all-linear: attention, MLP and shared expert, never router, vision or head',
    default: always<'all-linear' | string[]>('all-linear'),
    reason: 'adapters on attention alone learn less (QLoRA, arXiv 2305.14314; "LoRA Without Regret")',
  }),
  target_parameters: setting({
    schema: z.array(tensorPath),
    description: 'fused weights of routed experts that carry an adapter, such as feed_forward.experts.down_proj',
    default: always<string[]>([]),
  }),
  layers_to_transform: setting({
    schema: z.array(z.int().min(0)).min(1).nullable(),
    description: 'numbers of the layers that carry an adapter, from 0; null: all',
    default: always<number[] | null>(null),
    reason: 'nothing is computed backward below the first of them',
  }),
  use_rslora: setting({
    schema: z.boolean(),
    description: 'scale by lora_alpha / √r (rsLoRA, arXiv 2312.03732)',
    default: always(false),
  }),
};

/** What is Slipway's own: rows, watching, processes. */
export const RUN_SETTINGS = {
  max_length: setting({
    schema: quantity(1_048_576),
    description: 'tokens of a row; a longer one is cut from its end',
    default: {
      text: 'the longest row',
      of: ({ longest_row_tokens }) => ({ value: longest_row_tokens, source: 'data', why: 'the longest row' }),
    },
  }),
  early_stopping_patience: setting({
    schema: z.int().min(0).max(1000),
    description: 'passes over dev without a lower loss after which the run ends; 0: never',
    default: {
      text: '3 where there are dev rows',
      of: ({ has_dev_rows }) => ({ value: has_dev_rows ? 3 : 0, source: 'default', why: has_dev_rows ? 'dev passes' : 'no dev rows' }),
    },
  }),
  num_eval_generations: setting({
    schema: z.int().min(0).max(20),
    description: 'dev prompts that are answered at each pass over dev',
    default: always(5),
  }),
  num_processes: setting({
    schema: quantity(1024),
    description: 'processes that train together, started by torchrun',
    default: {
      text: 'the GPUs that the recipe asks for, else 1',
      of: ({ num_gpus_asked }) => ({ value: num_gpus_asked ?? 1, source: num_gpus_asked === null ? 'default' : 'recipe' }),
    },
  }),
  num_threads: setting({
    schema: quantity(1024),
    description: 'threads of each process',
    default: {
      text: 'the cores of the machine, shared among the processes',
      of: ({ num_cores, value }) => ({
        value: Math.max(1, Math.floor(num_cores / value<number>('num_processes'))),
        source: 'machine',
        why: `${num_cores} cores`,
      }),
    },
    reason: 'more threads than cores wait for each other and are many times slower',
  }),
  allow: setting({
    schema: z.array(Override),
    description: 'what would be refused otherwise',
    default: always<Override[]>([]),
  }),
};
