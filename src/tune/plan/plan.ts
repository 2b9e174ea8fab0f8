/** Facts and a recipe become a plan: every value resolved, each with its source. A pure function. */
import type { ModelShape } from '../../model/folder/read-shape.js';
import type { Plan, PlanSettings, ValueSource } from '../../protocol/plan.js';
import type { LoadedRecipe } from '../read-recipe.js';
import { trainedCoverage } from './coverage.js';
import { forecast } from './forecast.js';
import type { Machine } from './machine.js';

/** What a plan needs to know of a split. */
export interface RowFacts {
  sha256: string;
  num_rows: number;
  num_tokens: number;
  longest_row_tokens: number;
}

export interface PlanFacts {
  loaded: LoadedRecipe;
  model: Pick<Plan['model'], 'id' | 'folder' | 'sha256' | 'quantization'>;
  shape: ModelShape;
  train: RowFacts;
  dev: RowFacts | null;
  machine: Machine;
  resume_from: string | null;
}

/** The seed of a run for which nobody named one. */
export const DEFAULT_SEED = 42;

/** From here on a model is large (facts of TRL and Tülu 3: half the learning rate for 27B and more, and for experts). */
const LARGE_MODEL = 25e9;

/**
 * Defaults of SFT with their sources: learning rate 2e-4 for adapters and 2e-5 for all weights (half of it for large
 * models), all linear layers: TRL's `peft_integration` and "LoRA Without Regret"; alpha = 2r as Axolotl; dropout 0;
 * effective batch under 32; cosine with 3 % warm-up.
 * @throws AppError of targets that mean nothing (coverage.ts)
 */
export function planRun(facts: PlanFacts): Plan {
  const { shape, train, dev, loaded } = facts;
  const settings = planSettings(facts);
  const coverage = trainedCoverage(shape, settings);
  const num_steps = numStepsOf(settings, train.num_rows);
  const rows = { num_steps, num_train_rows: train.num_rows, num_train_tokens: train.num_tokens };
  return {
    method: loaded.recipe.method,
    model: { ...facts.model, num_parameters: shape.num_parameters },
    data: {
      asked: loaded.recipe.data,
      num_train_rows: train.num_rows,
      num_dev_rows: dev?.num_rows ?? 0,
      train_sha256: train.sha256,
      dev_sha256: dev?.sha256 ?? null,
      num_train_tokens: train.num_tokens,
      longest_row_tokens: longestOf(facts),
    },
    settings,
    forecast: forecast({ shape, settings, coverage, ...rows }),
    coverage,
    resume_from: facts.resume_from,
  };
}

function planSettings(facts: PlanFacts): PlanSettings {
  const { machine, shape, dev, loaded } = facts;
  const pick = chooser(loaded);
  const use_peft = pick('use_peft', true, 'default');
  const r = pick('lora.r', 16, 'default');
  const batch = pick('per_device_train_batch_size', 8, 'default');
  const num_processes = pick('num_processes', loaded.recipe.machine?.gpus ?? 1, loaded.recipe.machine ? 'recipe' : 'default');
  const epochs = pick('num_train_epochs', 1, 'default');
  const accumulation = pick('gradient_accumulation_steps', 1, 'default');
  const counted = {
    per_device_train_batch_size: batch,
    num_processes,
    num_train_epochs: epochs,
    gradient_accumulation_steps: accumulation,
  };
  const quarter = Math.max(1, Math.ceil(numStepsOf(counted, facts.train.num_rows) / 4));
  const eval_steps = pick('eval_steps', quarter, 'data', 'four times a run');
  const save_steps = pick('save_steps', eval_steps.value, 'data', 'as often as dev is measured');
  const longest = longestOf(facts);
  const isGpu = machine.gpus.length > 0 || loaded.recipe.machine !== undefined;
  const isLarge = shape.num_parameters > LARGE_MODEL;
  const rate = (use_peft.value ? 2e-4 : 2e-5) / (isLarge ? 2 : 1);
  // Some CPUs have bfloat16, but a run must give the same figures on each of them: there it is used only when it is asked for.
  const precision = isGpu ? ('bfloat16' as const) : ('float32' as const);
  const whyPrecision = isGpu ? 'a GPU' : 'a CPU: figures repeat on every machine';
  const isTooLongToPack = shape.padding_free_limit !== null && batch.value * longest >= shape.padding_free_limit;
  const isBestKept = dev !== null && save_steps.value % eval_steps.value === 0;
  const targets = pick<string | string[]>('lora.target_modules', 'all-linear', 'default');
  return {
    use_peft,
    load_in_4bit: pick('load_in_4bit', false, 'default'),
    lora_r: r,
    lora_alpha: pick('lora.alpha', 2 * r.value, 'default', '2 × lora.r'),
    lora_dropout: pick('lora.dropout', 0, 'default'),
    lora_target_modules: { ...targets, value: [targets.value].flat() },
    lora_target_parameters: pick('lora.target_parameters', [], 'default'),
    use_rslora: pick('lora.use_rslora', false, 'default'),
    learning_rate: pick('learning_rate', rate, isLarge ? 'model' : 'default', use_peft.value ? 'an adapter' : 'all weights'),
    ...counted,
    max_length: pick('max_length', longest, 'data', 'the longest row'),
    lr_scheduler_type: pick('lr_scheduler_type', 'cosine' as const, 'default'),
    warmup_ratio: pick('warmup_ratio', 0.03, 'default'),
    weight_decay: pick('weight_decay', 0, 'default'),
    max_grad_norm: pick('max_grad_norm', 1, 'default'),
    eval_steps,
    save_steps,
    save_total_limit: pick('save_total_limit', 2, 'default'),
    early_stopping_patience: pick('early_stopping_patience', dev ? 3 : 0, 'default', dev ? 'dev passes' : 'no dev rows'),
    load_best_model_at_end: pick('load_best_model_at_end', isBestKept, 'data', isBestKept ? 'dev is measured' : 'no dev rows to choose by'),
    gradient_checkpointing: pick('gradient_checkpointing', isGpu, 'machine', isGpu ? 'GPU memory is dear' : 'no GPU'),
    num_eval_generations: pick('num_eval_generations', 5, 'default'),
    seed: pick('seed', DEFAULT_SEED, 'default'),
    device: { value: isGpu ? 'cuda' : 'cpu', source: loaded.recipe.machine ? 'recipe' : 'machine' },
    num_threads: pick(
      'num_threads',
      Math.max(1, Math.floor(machine.num_cores / num_processes.value)),
      'machine',
      `${machine.num_cores} cores`,
    ),
    precision: pick('precision', precision, 'machine', whyPrecision),
    padding_free: pick(
      'padding_free',
      !isTooLongToPack,
      isTooLongToPack ? 'model' : 'default',
      isTooLongToPack ? 'positions scale its attention' : undefined,
    ),
    fused_loss: pick('fused_loss', use_peft.value, 'default', use_peft.value ? undefined : 'the head is trained'),
    allow: pick('allow', [], 'default'),
  };
}

type Counted = Pick<PlanSettings, 'per_device_train_batch_size' | 'gradient_accumulation_steps' | 'num_processes' | 'num_train_epochs'>;

function numStepsOf(settings: Counted, numRows: number): number {
  const { per_device_train_batch_size: batch, gradient_accumulation_steps: accumulation, num_processes, num_train_epochs } = settings;
  const rowsPerStep = batch.value * accumulation.value * num_processes.value;
  return Math.ceil(Math.ceil(numRows / rowsPerStep) * num_train_epochs.value);
}

function longestOf({ train, dev }: PlanFacts): number {
  return Math.max(train.longest_row_tokens, dev?.longest_row_tokens ?? 0);
}

/** A function that takes a setting from the command line, else from the recipe, else as given. */
function chooser({ recipe, command_line }: LoadedRecipe) {
  return <T>(path: string, otherwise: T, source: ValueSource, why?: string): { value: T; source: ValueSource; why?: string } => {
    const said = valueAt(command_line, path);
    if (said !== undefined) return { value: said as T, source: 'command line' };
    const asked = valueAt(recipe, path);
    if (asked !== undefined) return { value: asked as T, source: 'recipe' };
    return { value: otherwise, source, ...(why ? { why } : {}) };
  };
}

function valueAt(settings: object, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], settings);
}
