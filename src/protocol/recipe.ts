/** What a person asks for: the YAML file that `slipway go` takes. Everything not said has a default in the plan. */
import { z } from 'zod';

const positiveInteger = z.int().positive();

export const SampleName = z.enum(['incident-reports']);

export const RecipeData = z.union([
  z.strictObject({
    sample: SampleName,
    train: positiveInteger.max(20_000).describe('rows to generate'),
    dev: positiveInteger.max(2_000),
    test: positiveInteger.max(2_000),
  }),
  z.strictObject({
    train: z.string().min(1).describe('a file or folder of JSONL, JSON, CSV or Parquet, or hub:org/name'),
    dev: z.string().min(1).optional(),
    test: z.string().min(1).optional(),
  }),
  z.strictObject({
    file: z.string().min(1).describe('a file or folder of rows, or hub:org/name, that is split by the hash of the prompt, or of the group'),
    group: z.string().min(1).optional().describe('column whose rows stay together and count as one: patient, client, site'),
    ignore: z.array(z.string().min(1)).optional().describe('columns that are not used'),
    dev: z.number().gt(0).lt(0.5).describe('share of the rows'),
    test: z.number().min(0).lt(0.8).describe('share of the rows'),
  }),
]);
export type RecipeData = z.infer<typeof RecipeData>;

/** A module's or a parameter's name, or the end of its path, as PEFT matches it. */
const tensorPath = z.string().regex(/^[A-Za-z_][\w.]*$/, 'must be a name such as q_proj, or the end of a path such as mlp.up_proj');

/** What is refused unless the recipe says so in these words. */
export const Override = z.enum([
  'experts-frozen',
  'answers-truncated',
  'rows-without-supervision',
  'end-of-turn-unsupervised',
  'pad-ends-turn',
  'float16-overflow',
]);
export type Override = z.infer<typeof Override>;

export const Precision = z.enum(['float32', 'bfloat16', 'float16']);
export type Precision = z.infer<typeof Precision>;

export const Device = z.enum(['cpu', 'cuda']);

/** Names are those of Transformers, TRL and PEFT. */
export const RecipeSettings = z.strictObject({
  use_peft: z.boolean().describe('false: all weights are trained, not an adapter').optional(),
  load_in_4bit: z.boolean().describe('QLoRA: frozen weights as NF4 with double quantisation').optional(),
  lora: z
    .strictObject({
      r: positiveInteger.max(512).optional(),
      alpha: z.number().positive().optional(),
      dropout: z.number().min(0).max(0.9).optional(),
      target_modules: z
        .union([z.literal('all-linear'), z.array(tensorPath).min(1)])
        .describe('all-linear: attention, MLP and shared expert; never router, vision or head')
        .optional(),
      target_parameters: z
        .array(tensorPath)
        .min(1)
        .describe('fused weights of routed experts, such as feed_forward.experts.down_proj')
        .optional(),
      use_rslora: z.boolean().optional(),
    })
    .optional(),
  learning_rate: z.number().positive().max(1).optional(),
  num_train_epochs: z.number().positive().max(1000).optional(),
  per_device_train_batch_size: positiveInteger.max(4096).optional(),
  gradient_accumulation_steps: positiveInteger.max(4096).optional(),
  max_length: positiveInteger.max(1_048_576).optional(),
  lr_scheduler_type: z.enum(['cosine', 'linear', 'constant']).optional(),
  warmup_ratio: z.number().min(0).max(0.5).optional(),
  weight_decay: z.number().min(0).max(1).optional(),
  max_grad_norm: z.number().positive().optional(),
  eval_steps: positiveInteger.optional(),
  save_steps: positiveInteger.optional(),
  save_total_limit: z.int().min(2).max(100).describe('checkpoints kept; one less than two would be none while one is written').optional(),
  early_stopping_patience: z.int().min(0).max(1000).describe('dev passes without a lower loss until it stops; 0: never').optional(),
  load_best_model_at_end: z.boolean().describe('the artifact is of the checkpoint with the lowest dev loss').optional(),
  gradient_checkpointing: z.boolean().describe('compute activations twice to hold fewer of them').optional(),
  num_eval_generations: z.int().min(0).max(20).describe('dev prompts answered while it trains').optional(),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .optional(),
  num_threads: positiveInteger.max(1024).optional(),
  num_processes: positiveInteger.max(1024).optional(),
  precision: Precision.optional(),
  padding_free: z.boolean().describe('lay rows end to end in place of padding').optional(),
  fused_loss: z.boolean().describe('loss head on supervised tokens only').optional(),
  allow: z.array(Override).min(1).describe('what would be refused otherwise').optional(),
});
export type RecipeSettings = z.infer<typeof RecipeSettings>;

export const Recipe = z.strictObject({
  model: z.string().min(1).describe('a known model, or a model folder under <home>/models'),
  method: z.enum(['sft']),
  machine: z
    .strictObject({ gpus: positiveInteger.max(1024), gpu_memory_gb: z.number().positive() })
    .describe('what it needs where that is more than a laptop; check and plan work anywhere')
    .optional(),
  data: RecipeData,
  gate: z.string().min(1).optional().describe('the gate file, relative to the recipe'),
  parity: z.strictObject({ served_mean_nats: z.number().positive().max(1) }).optional(),
  ...RecipeSettings.shape,
});
export type Recipe = z.infer<typeof Recipe>;
