/** The gate that a recipe names. */
import { resolve } from 'node:path';
import { type LoadedGate, readGate } from '../../compare/read-gate.js';
import type { Splits } from '../../data/splits.js';
import { AppError } from '../../protocol/errors.js';
import { METHODS, type Method } from '../../protocol/methods/methods.js';
import { answerKind, Metric } from '../../protocol/metrics/metrics.js';
import { comparedRows, ROW_KINDS } from '../../protocol/row.js';
import { slipwayHome } from '../../store/home.js';
import { homePrice } from '../../store/price.js';
import type { LoadedRecipe } from '../../tune/read-recipe.js';

/** Null for a recipe without one. @throws AppError gate-invalid, gate-margin-negative */
export function recipeGate({ recipe, folder }: LoadedRecipe): LoadedGate | null {
  return recipe.gate ? readGate(resolve(folder, recipe.gate), homePrice(slipwayHome())) : null;
}

/**
 * The gate of a recipe that is to reach a verdict, checked before anything is trained.
 * @throws AppError recipe-invalid without a gate, setting-unsupported, data-empty without test rows, gate-invalid
 */
export function requiredGate(loaded: LoadedRecipe, splits: Splits): LoadedGate {
  const gate = recipeGate(loaded);
  if (!gate) throw missingGate(loaded.file);
  if (loaded.recipe.use_peft === false && loaded.recipe.method !== 'reward') {
    const problem =
      'a verdict needs base and adapter served side by side, and all weights leave no adapter: `slipway tune`, then `slipway pull`';
    throw new AppError('setting-unsupported', { setting: 'use_peft', problem, suggestion: 'true' });
  }
  refuseOtherMetric(loaded, gate);
  if (comparedRows(splits.test).length === 0) throw new AppError('data-empty', { file: 'test' });
  return gate;
}

export function missingGate(file: string): AppError {
  const problems = `  ${file}:1: gate: a verdict needs one, write \`gate: NAME.gate.yaml\` (see recipes/quickstart.gate.yaml)`;
  return new AppError('recipe-invalid', { file, count: '1 problem', problems });
}

/** @throws AppError gate-invalid for a metric of pairs where the rows are none, and for one that the method's model has no figure of */
export function refuseOtherMetric({ recipe, folder }: LoadedRecipe, { gate }: LoadedGate): void {
  const problem = metricProblem(gate.metric, recipe.method);
  if (problem === null) return;
  const problems = `  ${recipe.gate}:1: metric: ${gate.metric} ${problem}`;
  throw new AppError('gate-invalid', { file: resolve(folder, recipe.gate ?? ''), count: '1 problem', problems });
}

/** Those that a gate for the method's model can name. */
export function metricsOfMethod(method: Method): Metric[] {
  return Metric.options.filter((metric) => metricProblem(metric, method) === null);
}

function metricProblem(metric: Metric, method: Method): string | null {
  const { rows } = METHODS[method];
  const isScored = answerKind(metric) === 'score';
  if (isScored && method !== 'reward') return `is of reward models; the recipe's method is ${method}`;
  if (!isScored && method === 'reward') return 'is of models that answer; of a reward model write reward_accuracy';
  if (metric === 'preference_accuracy' && rows !== 'preference')
    return `needs ${ROW_KINDS.preference}; the recipe's rows are ${ROW_KINDS[rows]}`;
  return null;
}
