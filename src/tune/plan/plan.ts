/** Facts and a recipe become a plan: every value resolved, each with its source. A pure function. */
import type { Inspection } from '../../protocol/inspection.js';
import type { ModelRecord } from '../../protocol/model-record.js';
import type { Plan, PlanSettings, ValueSource } from '../../protocol/plan.js';
import { TARGET_MODULES } from '../../protocol/recipe.js';
import type { LoadedRecipe } from '../read-recipe.js';
import { forecast, type ModelShape } from './forecast.js';
import type { Machine } from './machine.js';

export interface PlanFacts {
  loaded: LoadedRecipe;
  model: ModelRecord;
  model_folder: string;
  shape: ModelShape;
  pad_token_id: number;
  end_of_turn_token_id: number;
  inspection: Inspection;
  machine: Machine;
  resume_from: string | null;
}

/** The seed of a run for which nobody named one. */
export const DEFAULT_SEED = 42;

/**
 * Defaults of LoRA SFT with their sources: learning rate 2e-4 and all linear layers from TRL's `peft_integration` and
 * "LoRA Without Regret"; alpha = 2r as Axolotl; dropout 0; effective batch under 32; cosine with 3 % warm-up.
 */
export function planRun(facts: PlanFacts): Plan {
  const { inspection, machine } = facts;
  const train = inspection.splits.find((split) => split.split === 'train');
  const dev = inspection.splits.find((split) => split.split === 'dev');
  if (!train) throw new Error('an inspection without train rows');
  const pick = chooser(facts.loaded);

  const r = pick('lora.r', 16, 'default');
  const batch = pick('per_device_train_batch_size', 8, 'default');
  const accumulation = pick('gradient_accumulation_steps', 1, 'default');
  const epochs = pick('num_train_epochs', 1, 'default');
  const processes = pick('num_processes', 1, 'default');
  const rowsPerStep = batch.value * accumulation.value * processes.value;
  const numSteps = Math.ceil(Math.ceil(train.num_rows / rowsPerStep) * epochs.value);
  const quarter = Math.max(1, Math.ceil(numSteps / 4));
  const longest = Math.max(...inspection.splits.map((split) => split.longest_row.num_tokens));
  const precision = machine.has_bfloat16 ? 'bfloat16' : 'float32';

  const settings: PlanSettings = {
    lora_r: r,
    lora_alpha: pick('lora.alpha', 2 * r.value, 'default', '2 × lora.r'),
    lora_dropout: pick('lora.dropout', 0, 'default'),
    lora_target_modules: pick('lora.target_modules', [...TARGET_MODULES], 'model', 'all linear layers'),
    use_rslora: pick('lora.use_rslora', false, 'default'),
    learning_rate: pick('learning_rate', 2e-4, 'default'),
    num_train_epochs: epochs,
    per_device_train_batch_size: batch,
    gradient_accumulation_steps: accumulation,
    max_length: pick('max_length', longest, 'data', 'the longest row'),
    lr_scheduler_type: pick('lr_scheduler_type', 'cosine' as const, 'default'),
    warmup_ratio: pick('warmup_ratio', 0.03, 'default'),
    weight_decay: pick('weight_decay', 0, 'default'),
    max_grad_norm: pick('max_grad_norm', 1, 'default'),
    eval_steps: pick('eval_steps', quarter, 'data', 'four times a run'),
    save_steps: pick('save_steps', quarter, 'data', 'four times a run'),
    save_total_limit: pick('save_total_limit', 2, 'default'),
    num_samples: pick('num_samples', 2, 'default'),
    seed: pick('seed', DEFAULT_SEED, 'default'),
    num_threads: pick('num_threads', Math.max(1, Math.floor(machine.num_cores / processes.value)), 'machine', `${machine.num_cores} cores`),
    num_processes: processes,
    precision: pick('precision', precision, 'machine', machine.has_bfloat16 ? 'the CPU has bfloat16' : 'no bfloat16 in this CPU'),
    packed: pick('packed', true, 'default'),
    fused_loss: pick('fused_loss', true, 'default'),
  };
  return {
    method: facts.loaded.recipe.method,
    model: {
      id: facts.model.id,
      folder: facts.model_folder,
      sha256: facts.model.sha256,
      quantization: facts.model.quantization,
      num_parameters: facts.model.num_parameters,
      pad_token_id: facts.pad_token_id,
      end_of_turn_token_id: facts.end_of_turn_token_id,
    },
    data: {
      asked: facts.loaded.recipe.data,
      num_train_rows: train.num_rows,
      num_dev_rows: dev?.num_rows ?? 0,
      train_sha256: train.sha256,
      dev_sha256: dev?.sha256 ?? null,
      num_train_tokens: train.num_tokens,
      longest_row_tokens: longest,
    },
    settings,
    forecast: forecast(facts.model, facts.shape, settings, numSteps, train.num_tokens, train.num_rows),
    resume_from: facts.resume_from,
  };
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
