/** From a recipe to a plan: rows written for the worker, inspected, and every value resolved. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { loadSplits } from '../data/load-splits.js';
import { rowLines, type Splits } from '../data/splits.js';
import { type ModelShape, readShape } from '../model/families/read-shape.js';
import type { KnownModel } from '../model/known-models.js';
import { AppError } from '../protocol/errors.js';
import type { Inspection, SplitInspection } from '../protocol/inspection.js';
import { METHODS } from '../protocol/methods/methods.js';
import { DEFAULT_SEED } from '../protocol/methods/shared-settings.js';
import { ModelRecord } from '../protocol/model-record.js';
import type { Plan } from '../protocol/plan.js';
import type { RecipeData } from '../protocol/recipe.js';
import type { AnyRow } from '../protocol/row.js';
import { readJson, writeWhole } from '../store/files.js';
import { sha256Text } from '../store/hash.js';
import { dataFiles, datasetFolder, modelFiles, slipwayHome } from '../store/home.js';
import { openedRows } from '../store/ledger.js';
import { inspectRows } from './lint/inspect-rows.js';
import { type Machine, probeMachine } from './plan/machine.js';
import { type Parent, type PlanFacts, planRun, type RowFacts } from './plan/plan.js';
import { refuseSettings } from './plan/refuse.js';
import type { LoadedRecipe } from './read-recipe.js';

/** As many as the worker lists (worker/data/inspect.py). */
const NUM_LISTED_LENGTHS = 256;
/** Bytes of text a token: English under the vocabularies of Llama 3 and Gemma 3, an estimate for where no tokenizer is. */
const BYTES_PER_TOKEN = 4;

/** What a recipe needs before its rows can be inspected. */
export interface ReadyModel {
  python: string;
  model_folder: string;
  /** The run whose adapter is trained further. */
  parent: Parent | null;
}

export interface Prepared {
  plan: Plan;
  inspection: Inspection;
}

/** The rows that a recipe names; the seed also seeds generated rows. @throws AppError dataset-not-here, column-unused, and those of rows */
export async function recipeSplits({ recipe, folder }: LoadedRecipe): Promise<Splits> {
  const kind = METHODS[recipe.method].rows;
  const splits = await loadSplits(withDatasets(recipe.data), {
    folder,
    seed: recipe.seed ?? DEFAULT_SEED,
    kind,
    were_test: openedRows(slipwayHome()),
    allows_near_duplicates: recipe.allow?.includes('near-duplicates') ?? false,
  });
  const hasMargin = [...splits.train, ...splits.dev].some((row) => 'margin' in row);
  if (hasMargin && recipe.method !== 'reward') throw new AppError('column-unused', { column: 'margin', method: recipe.method });
  return splits;
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
  { data_folder, model_folder, python, parent, gate_sha256 }: ReadyModel & { data_folder: string; gate_sha256: string | null },
): Promise<Prepared> {
  const files = dataFiles(data_folder);
  writeWhole(files.train, rowLines(splits.train));
  if (splits.dev.length > 0) writeWhole(files.dev, rowLines(splits.dev));
  const shape = shapeOfFolder(model_folder);
  refusePadThatEnds(loaded, model_folder);
  const max_length = Math.min(loaded.recipe.max_length ?? shape.context_length, shape.context_length);
  const inspection = await inspectRows({ python, model_folder, data_folder, max_length, allow: loaded.recipe.allow ?? [] });
  const record = readJson(modelFiles(model_folder).record, ModelRecord);
  const factsOf = (name: 'train' | 'dev'): RowFacts | null => {
    const found = inspection.splits.find(({ split }) => split === name);
    return found ? rowFacts(found, splits[name]) : null;
  };
  const plan = checkedPlan({
    loaded,
    model: { id: record.id, folder: model_folder, sha256: record.sha256, quantization: record.quantization },
    parent,
    shape,
    train: factsOf('train') as RowFacts,
    dev: factsOf('dev'),
    test: testFacts(splits),
    gate_sha256,
    machine: probeMachine(model_folder),
  });
  return { plan, inspection };
}

/** The plan for a model whose weights and tokenizer are not here: what is trained is exact, tokens are estimated. */
export function planWithoutWeights(
  loaded: LoadedRecipe,
  splits: Splits,
  { known, home, gate_sha256 }: { known: Pick<KnownModel, 'id' | 'config'>; home: string; gate_sha256: string | null },
): Plan {
  return checkedPlan({
    loaded,
    model: { id: known.id, folder: '', sha256: '', quantization: 'weights are not here' },
    parent: null,
    shape: readShape(known.config, known.id),
    train: estimatedRows(splits.train),
    dev: splits.dev.length > 0 ? estimatedRows(splits.dev) : null,
    test: testFacts(splits),
    gate_sha256,
    machine: probeMachine(home),
  });
}

/** The plan of a further attempt: every value as it was, but the threads that follow from the machine. */
export function resumedPlan(plan: Plan, machine: Machine, resume_from: string | null): Plan {
  const resumed = { ...structuredClone(plan), resume_from };
  const { run } = resumed.values;
  if (plan.sources.num_threads?.source === 'machine') run.num_threads = Math.max(1, Math.floor(machine.num_cores / run.num_processes));
  return resumed;
}

export function shapeOfFolder(modelFolder: string): ModelShape {
  const file = join(modelFiles(modelFolder).transformers, 'config.json');
  return readShape(readJson(file, z.unknown()), file);
}

function checkedPlan(facts: PlanFacts): Plan {
  const plan = planRun(facts);
  refuseSettings(plan);
  return plan;
}

function testFacts({ test }: Splits): PlanFacts['test'] {
  return test.length > 0 ? { sha256: sha256Text(rowLines(test)), num_rows: test.length } : null;
}

function rowFacts({ rows_without_supervision, longest_row, ...split }: SplitInspection, rows: AnyRow[]): RowFacts {
  return {
    ...split,
    num_supervised_rows: split.num_rows - rows_without_supervision.length,
    longest_row_tokens: longest_row.num_tokens,
    labels: labelsOf(rows),
  };
}

/** Of labelled answers, how many were good and bad. */
function labelsOf(rows: AnyRow[]): RowFacts['labels'] {
  const labels = rows.flatMap((row) => ('label' in row ? [row.label] : []));
  if (labels.length === 0) return null;
  const good = labels.filter(Boolean).length;
  return { good, bad: labels.length - good };
}

function estimatedRows(rows: AnyRow[]): RowFacts {
  const lengths = rows.map((row) => Math.ceil(Buffer.byteLength(JSON.stringify(row)) / BYTES_PER_TOKEN));
  const longest_lengths = [...lengths].sort((a, b) => b - a).slice(0, NUM_LISTED_LENGTHS);
  return {
    sha256: sha256Text(rowLines(rows)),
    num_rows: rows.length,
    num_supervised_rows: rows.length,
    num_tokens: lengths.reduce((sum, length) => sum + length, 0),
    longest_row_tokens: longest_lengths[0] ?? 0,
    longest_lengths,
    labels: labelsOf(rows),
    // Which tokens are shared only a tokenizer tells.
    heaviest_own_tokens: longest_lengths,
    computed_shares: [],
  };
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
