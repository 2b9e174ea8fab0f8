/** A run's own comparison: its base, prompted in several ways, against its adapter, under the recipe's gate, on the rows set aside for it. */
import { basename } from 'node:path';
import type { Comparison } from '../../compare/comparison.js';
import type { LoadedGate } from '../../compare/read-gate.js';
import { AppError } from '../../protocol/errors.js';
import { dataName } from '../../protocol/recipe.js';
import { type ComparedRow, comparedRows } from '../../protocol/row.js';
import { RunRecord } from '../../protocol/run.js';
import { readJson } from '../../store/files.js';
import { homeOf, nameOfRecipe, runFiles } from '../../store/home.js';
import { readPlan } from '../../tune/read-plan.js';
import { readRecipe } from '../../tune/read-recipe.js';
import { runRows } from '../../tune/run-rows.js';
import type { Reporter } from '../reporter.js';
import { openForMeasuring } from './open.js';
import { requiredGate } from './recipe-gate.js';
import { refuseTrainedRows } from './refuse-trained.js';

export interface RunComparison {
  gate: LoadedGate;
  /** Those of the recipe as it is now: the run was trained on the same train and dev rows. */
  test: ComparedRow[];
  allows_near_duplicates: boolean;
}

/** @throws AppError data-split-overlap, near-duplicates, those of opening */
export async function openRunComparison(
  run: string,
  { gate, test, allows_near_duplicates }: RunComparison,
  reporter: Reporter,
): Promise<Comparison> {
  const files = runFiles(run);
  const id = basename(run);
  const plan = readPlan(run);
  const base = plan.models.policy.id;
  const { recipe_file } = readJson(files.record, RunRecord);
  return await openForMeasuring(
    homeOf(run),
    {
      name: nameOfRecipe(recipe_file),
      gate,
      train: comparedRows(runRows(run, 'train')),
      test,
      data: dataName(plan.data.asked, 'test'),
      names: { base, tuned: id },
      local: [{ model: base, runs: [id] }],
      endpoints: [],
      challengers: [gate.gate.challenger],
      caveats: refuseTrainedRows([run], test, allows_near_duplicates),
    },
    reporter,
  );
}

/**
 * The same for a run that was trained before.
 * @param asked a gate in place of the one that its recipe names now
 * @throws AppError recipe-invalid for a recipe without a gate, artifact-missing where it is not done, those of recipes and opening
 */
export async function openRunAgain(run: string, reporter: Reporter, asked?: LoadedGate): Promise<Comparison> {
  const { recipe_file, command_line } = readJson(runFiles(run).record, RunRecord);
  const loaded = readRecipe(recipe_file, command_line);
  const test = runTestRows(run);
  const gate = asked ?? requiredGate(loaded, { train: [], dev: [], test });
  const allows_near_duplicates = loaded.recipe.allow?.includes('near-duplicates') ?? false;
  return await openRunComparison(run, { gate, test, allows_near_duplicates }, reporter);
}

/** The rows that were set aside when the run was made; the recipe and its files may have changed since. @throws AppError data-empty */
export function runTestRows(run: string): ComparedRow[] {
  const { test } = runFiles(run);
  const rows = comparedRows(runRows(run, 'test'));
  if (rows.length === 0) throw new AppError('data-empty', { file: test });
  return rows;
}
