/** From a recipe to a plan: rows written for the worker, inspected, and every value resolved. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { loadSplits } from '../data/load-splits.js';
import { rowLines, type Splits } from '../data/splits.js';
import { type ModelShape, readShape } from '../model/folder/read-shape.js';
import type { KnownModel } from '../model/known-models.js';
import { AppError } from '../protocol/errors.js';
import { Inspection, type SplitInspection } from '../protocol/inspection.js';
import { ModelRecord } from '../protocol/model-record.js';
import type { Plan } from '../protocol/plan.js';
import type { RecipeData } from '../protocol/recipe.js';
import { readJson, writeWhole } from '../store/files.js';
import { sha256Text } from '../store/hash.js';
import { datasetFolder, modelFiles, slipwayHome } from '../store/home.js';
import { inspectRows } from './lint/inspect-rows.js';
import { probeMachine } from './plan/machine.js';
import { DEFAULT_SEED, planRun, type RowFacts } from './plan/plan.js';
import { refuseSettings } from './plan/refuse.js';
import type { LoadedRecipe } from './read-recipe.js';

/** Bytes of text a token: English under the vocabularies of Llama 3 and Gemma 3, an estimate for where no tokenizer is. */
const BYTES_PER_TOKEN = 4;

export interface Prepared {
  plan: Plan;
  inspection: Inspection;
}

/** The rows that a recipe names; the seed also seeds generated rows. @throws AppError dataset-not-here, and those of rows */
export function recipeSplits(loaded: LoadedRecipe): Promise<Splits> {
  return loadSplits(withDatasets(loaded.recipe.data), loaded.folder, loaded.recipe.seed ?? DEFAULT_SEED);
}

/** Names of the Hub as the folders that `slipway pull` has brought them into. */
function withDatasets(data: RecipeData): RecipeData {
  const entries = Object.entries(data).map(([key, value]) => {
    if (typeof value !== 'string' || !value.startsWith('hub:')) return [key, value];
    const name = value.slice('hub:'.length);
    const folder = datasetFolder(slipwayHome(), name);
    if (!existsSync(folder)) throw new AppError('dataset-not-here', { name });
    return [key, folder];
  });
  return Object.fromEntries(entries) as RecipeData;
}

/**
 * Writes train.jsonl and dev.jsonl into `data_folder` and plans the run. Test rows are not written.
 * @throws AppError of rows, of lengths, of targets that mean nothing, setting-unsupported
 */
export async function prepareRun(
  loaded: LoadedRecipe,
  splits: Splits,
  options: { python: string; model_folder: string; data_folder: string; resume_from: string | null },
): Promise<Prepared> {
  const { data_folder, model_folder } = options;
  writeWhole(join(data_folder, 'train.jsonl'), rowLines(splits.train));
  if (splits.dev.length > 0) writeWhole(join(data_folder, 'dev.jsonl'), rowLines(splits.dev));
  const { context_length } = shapeOfFolder(model_folder);
  refusePadThatEnds(loaded, model_folder);
  const max_length = Math.min(loaded.recipe.max_length ?? context_length, context_length);
  const inspection = await inspectRows({ ...options, max_length, allow: loaded.recipe.allow ?? [] });
  return { plan: planFrom(loaded, inspection, options), inspection };
}

/** The plan of a run whose rows were inspected before, for a further attempt. */
export function planAgain(loaded: LoadedRecipe, options: { model_folder: string; data_folder: string; resume_from: string | null }): Plan {
  return planFrom(loaded, readJson(join(options.data_folder, 'inspection.json'), Inspection), options);
}

/** The plan for a model whose weights and tokenizer are not here: what is trained is exact, tokens are estimated. */
export function planWithoutWeights(loaded: LoadedRecipe, splits: Splits, known: KnownModel, home: string): Plan {
  const shape = readShape(known.config, known.id);
  const plan = planRun({
    loaded,
    model: { id: known.id, folder: '', sha256: '', quantization: 'weights are not here' },
    shape,
    train: estimatedRows(splits.train),
    dev: splits.dev.length > 0 ? estimatedRows(splits.dev) : null,
    machine: probeMachine(home),
    resume_from: null,
  });
  refuseSettings(plan, shape);
  return plan;
}

function estimatedRows(rows: Splits['train']): RowFacts {
  const lengths = rows.map((row) => Math.ceil(Buffer.byteLength(JSON.stringify(row.messages)) / BYTES_PER_TOKEN));
  return {
    sha256: sha256Text(rowLines(rows)),
    num_rows: rows.length,
    num_tokens: lengths.reduce((sum, length) => sum + length, 0),
    longest_row_tokens: Math.max(...lengths),
  };
}

export function shapeOfFolder(modelFolder: string): ModelShape {
  const file = join(modelFiles(modelFolder).transformers, 'config.json');
  return readShape(readJson(file, z.unknown()), file);
}

function planFrom(
  loaded: LoadedRecipe,
  inspection: Inspection,
  { model_folder, resume_from }: { model_folder: string; resume_from: string | null },
): Plan {
  const shape = shapeOfFolder(model_folder);
  const record = readJson(modelFiles(model_folder).record, ModelRecord);
  const factsOf = (split: SplitInspection): RowFacts => ({ ...split, longest_row_tokens: split.longest_row.num_tokens });
  const train = inspection.splits.find(({ split }) => split === 'train');
  const dev = inspection.splits.find(({ split }) => split === 'dev');
  if (!train) throw new Error('an inspection without train rows');
  const plan = planRun({
    loaded,
    model: { id: record.id, folder: model_folder, sha256: record.sha256, quantization: record.quantization },
    shape,
    train: factsOf(train),
    dev: dev ? factsOf(dev) : null,
    machine: probeMachine(model_folder),
    resume_from,
  });
  refuseSettings(plan, shape);
  return plan;
}

const EndTokens = z.object({ eos_token_id: z.union([z.int(), z.array(z.int())]).nullish(), pad_token_id: z.int().nullish() });

/**
 * Saved with its pad id among the end tokens a model scored 0 where its base had 76 (transformers#48016).
 * @throws AppError pad-ends-turn
 */
function refusePadThatEnds(loaded: LoadedRecipe, modelFolder: string): void {
  if (loaded.recipe.allow?.includes('pad-ends-turn')) return;
  const files = ['config.json', 'generation_config.json']
    .map((name) => join(modelFiles(modelFolder).transformers, name))
    .filter(existsSync);
  const found = files.map((file) => readJson(file, EndTokens));
  const ends = new Set(found.flatMap(({ eos_token_id }) => eos_token_id ?? []));
  const pad = found.find(({ pad_token_id }) => typeof pad_token_id === 'number' && ends.has(pad_token_id))?.pad_token_id;
  if (typeof pad === 'number') throw new AppError('pad-ends-turn', { pad, model: modelFolder });
}
