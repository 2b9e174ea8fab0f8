/** The recipe with every value resolved, and where each came from. Written once per attempt, read by the worker. */
import { z } from 'zod';
import { ModuleCoverage } from './event.js';
import { Device, Override, Precision, RecipeData, RecipeSettings } from './recipe.js';

export const ValueSource = z.enum(['recipe', 'command line', 'model', 'data', 'machine', 'default']);
export type ValueSource = z.infer<typeof ValueSource>;

const planned = <T extends z.ZodType>(value: T) => z.strictObject({ value, source: ValueSource, why: z.string().optional() });

export const PlanSettings = z.strictObject({
  use_peft: planned(z.boolean()),
  load_in_4bit: planned(z.boolean()),
  lora_r: planned(z.int().positive()),
  lora_alpha: planned(z.number().positive()),
  lora_dropout: planned(z.number()),
  lora_target_modules: planned(z.array(z.string())),
  lora_target_parameters: planned(z.array(z.string())),
  use_rslora: planned(z.boolean()),
  learning_rate: planned(z.number()),
  num_train_epochs: planned(z.number()),
  per_device_train_batch_size: planned(z.int()),
  gradient_accumulation_steps: planned(z.int()),
  max_length: planned(z.int()),
  lr_scheduler_type: planned(z.enum(['cosine', 'linear', 'constant'])),
  warmup_ratio: planned(z.number()),
  weight_decay: planned(z.number()),
  max_grad_norm: planned(z.number()),
  eval_steps: planned(z.int()),
  save_steps: planned(z.int()),
  save_total_limit: planned(z.int()),
  early_stopping_patience: planned(z.int()),
  load_best_model_at_end: planned(z.boolean()),
  gradient_checkpointing: planned(z.boolean()),
  num_eval_generations: planned(z.int()),
  seed: planned(z.int()),
  device: planned(Device),
  num_threads: planned(z.int()),
  num_processes: planned(z.int()),
  precision: planned(Precision),
  padding_free: planned(z.boolean()),
  fused_loss: planned(z.boolean()),
  allow: planned(z.array(Override)),
});
export type PlanSettings = z.infer<typeof PlanSettings>;

export const Plan = z.strictObject({
  method: z.enum(['sft']),
  model: z.strictObject({
    id: z.string(),
    folder: z.string().describe('absolute path of the model folder'),
    sha256: z.string().describe('of the file that was trained against'),
    quantization: z.string(),
    num_parameters: z.int(),
  }),
  data: z.strictObject({
    asked: RecipeData,
    num_train_rows: z.int(),
    num_dev_rows: z.int(),
    train_sha256: z.string(),
    dev_sha256: z.string().nullable(),
    num_train_tokens: z.int(),
    longest_row_tokens: z.int(),
  }),
  settings: PlanSettings,
  forecast: z.strictObject({
    num_steps: z.int(),
    num_trained_parameters: z.int(),
    memory_bytes: z.int(),
    disk_bytes: z.int(),
    duration_s: z.number().nullable().describe('null where no speed was measured: on a GPU'),
  }),
  coverage: z.array(ModuleCoverage).describe('what will be trained, from the config alone'),
  resume_from: z.string().nullable().describe('checkpoint folder that this attempt goes on from'),
});
export type Plan = z.infer<typeof Plan>;

/** What `--set` and `--seed` said; recorded in run.json and shown as coming from the command line. */
export const CommandLineSettings = RecipeSettings;
