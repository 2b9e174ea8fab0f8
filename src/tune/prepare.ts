/** From a recipe to a plan: rows written for the worker, inspected, and every value resolved. */
import { join } from 'node:path';
import { z } from 'zod';
import { loadSplits, rowLines, type Splits } from '../data/splits.js';
import { AppError } from '../protocol/errors.js';
import { Inspection } from '../protocol/inspection.js';
import { ModelRecord } from '../protocol/model-record.js';
import type { Plan } from '../protocol/plan.js';
import { readJson, writeWhole } from '../store/files.js';
import { modelFiles } from '../store/home.js';
import { inspectRows } from './lint/inspect-rows.js';
import { probeMachine } from './plan/machine.js';
import { DEFAULT_SEED, planRun } from './plan/plan.js';
import type { LoadedRecipe } from './read-recipe.js';

const ModelConfig = z.object({
  hidden_size: z.int(),
  intermediate_size: z.int(),
  num_hidden_layers: z.int(),
  num_attention_heads: z.int(),
  num_key_value_heads: z.int(),
  vocab_size: z.int(),
  max_position_embeddings: z.int(),
  pad_token_id: z.int(),
  eos_token_id: z.int(),
});

export interface Prepared {
  plan: Plan;
  inspection: Inspection;
}

/** The rows that a recipe names; the seed also seeds generated rows. */
export function recipeSplits(loaded: LoadedRecipe): Splits {
  return loadSplits(loaded.recipe.data, loaded.folder, loaded.recipe.seed ?? DEFAULT_SEED);
}

/**
 * Writes train.jsonl and dev.jsonl into `data_folder` and plans the run. Test rows are not written.
 * @throws AppError of rows, of lengths, setting-unsupported for what the machine or model cannot do
 */
export async function prepareRun(
  loaded: LoadedRecipe,
  splits: Splits,
  options: { python: string; model_folder: string; data_folder: string; resume_from: string | null },
): Promise<Prepared> {
  const { data_folder, model_folder } = options;
  writeWhole(join(data_folder, 'train.jsonl'), rowLines(splits.train));
  if (splits.dev.length > 0) writeWhole(join(data_folder, 'dev.jsonl'), rowLines(splits.dev));
  const config = readModelConfig(model_folder);
  const max_length = Math.min(loaded.recipe.max_length ?? config.max_position_embeddings, config.max_position_embeddings);
  const inspection = await inspectRows({ ...options, max_length });
  return { plan: planFrom(loaded, inspection, config, options), inspection };
}

/** The plan of a run whose rows were inspected before, for a further attempt. */
export function planAgain(loaded: LoadedRecipe, options: { model_folder: string; data_folder: string; resume_from: string | null }): Plan {
  const config = readModelConfig(options.model_folder);
  return planFrom(loaded, readJson(join(options.data_folder, 'inspection.json'), Inspection), config, options);
}

function readModelConfig(modelFolder: string): z.infer<typeof ModelConfig> {
  return readJson(join(modelFiles(modelFolder).transformers, 'config.json'), ModelConfig);
}

function planFrom(
  loaded: LoadedRecipe,
  inspection: Inspection,
  config: z.infer<typeof ModelConfig>,
  { model_folder, resume_from }: { model_folder: string; resume_from: string | null },
): Plan {
  const machine = probeMachine(model_folder);
  const record = readJson(modelFiles(model_folder).record, ModelRecord);
  const plan = planRun({
    loaded,
    model: record,
    model_folder,
    shape: config,
    pad_token_id: config.pad_token_id,
    end_of_turn_token_id: config.eos_token_id,
    inspection,
    machine,
    resume_from,
  });
  refuseImpossible(plan, machine);
  return plan;
}

function refuseImpossible(plan: Plan, machine: ReturnType<typeof probeMachine>): void {
  const { precision, num_threads, num_processes } = plan.settings;
  if (precision.value === 'bfloat16' && !machine.has_bfloat16) {
    throw new AppError('setting-unsupported', {
      setting: 'precision',
      problem: 'this CPU has no bfloat16 instructions, it would be slower than float32',
      suggestion: 'float32',
    });
  }
  if (num_threads.value * num_processes.value > machine.num_cores) {
    throw new AppError('setting-unsupported', {
      setting: 'num_threads',
      problem: `${num_threads.value * num_processes.value} threads on ${machine.num_cores} cores spin and are many times slower`,
      suggestion: Math.max(1, Math.floor(machine.num_cores / num_processes.value)),
    });
  }
  if (plan.forecast.memory_bytes * num_processes.value > machine.free_memory_bytes) {
    const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
    throw new AppError('memory-too-small', { needed: gigabytes(plan.forecast.memory_bytes), free: gigabytes(machine.free_memory_bytes) });
  }
}
