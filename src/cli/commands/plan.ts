/** slipway plan RECIPE */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Splits } from '../../data/splits.js';
import { recipeGate } from '../../flow/compare/recipe-gate.js';
import { readApart } from '../../flow/rows/read-apart.js';
import { modelElsewhere } from '../../flow/tune/find-model.js';
import { readyModel } from '../../flow/tune/ready-model.js';
import { type Plan, planRows } from '../../protocol/plan.js';
import { count, duration, gigabytes } from '../../protocol/units.js';
import { slipwayHome } from '../../store/home.js';
import { planWithoutWeights, prepareRun } from '../../tune/prepare.js';
import type { LoadedRecipe } from '../../tune/read-recipe.js';
import { coverageTable } from '../coverage-table.js';
import { printJson, type RecipeOptions, recipeFrom } from '../options.js';
import { terminalReporter } from '../terminal-reporter.js';

export async function planCommand(file: string, options: RecipeOptions): Promise<void> {
  const loaded = recipeFrom(file, options);
  const splits = await readApart('splits', loaded);
  const home = slipwayHome();
  const elsewhere = modelElsewhere(home, loaded.recipe.model);
  const plan = elsewhere
    ? planWithoutWeights(loaded, splits, { known: elsewhere, home, gate_sha256: recipeGate(loaded)?.sha256 ?? null })
    : await planHere(home, loaded, splits, options);
  if (options.json) return printJson(plan);
  process.stdout.write(`${planText(plan)}\n`);
}

async function planHere(home: string, loaded: LoadedRecipe, splits: Splits, options: RecipeOptions): Promise<Plan> {
  const reporter = terminalReporter(process.stderr);
  const ready = await readyModel(home, loaded, reporter, { offline: options.offline === true });
  reporter.end();
  const data_folder = mkdtempSync(join(tmpdir(), 'slipway-plan-'));
  try {
    return (await prepareRun(loaded, splits, { ...ready, data_folder, gate_sha256: recipeGate(loaded)?.sha256 ?? null })).plan;
  } finally {
    rmSync(data_folder, { recursive: true, force: true });
  }
}

function planText(plan: Plan): string {
  const settings = planRows(plan).map(({ path, value, source, why }) => [path, value, why ? `${source}: ${why}` : source]);
  const { forecast } = plan;
  const { policy } = plan.models;
  return [
    `${plan.method} on ${policy.adapter ? `run ${policy.adapter.run} of ` : ''}${policy.id} (${policy.quantization}, ${count(policy.num_parameters)} parameters), ${plan.data.num_train_rows} train rows, ${count(plan.data.num_train_tokens)} tokens`,
    '',
    leftAligned([['setting', 'value', 'source'], ...settings]),
    '',
    coverageTable(plan.coverage),
    '',
    ...sharing(plan),
    `forecast: ${forecast.num_steps} steps, ${count(forecast.num_trained_parameters)} trained parameters, ${forecast.duration_s === null ? 'time on a GPU not measured' : duration(forecast.duration_s)}, ${gigabytes(forecast.memory_bytes)} of memory, ${gigabytes(forecast.disk_bytes)} of disk`,
  ].join('\n');
}

/** A difference that nobody would notice is not told. */
const NOTEWORTHY_SHARE = 0.95;

function sharing({ data, values }: Plan): string[] {
  const rows = values.training.per_device_train_batch_size;
  if (data.computed_share > NOTEWORTHY_SHARE) return [];
  return [
    `shared beginnings: ${Math.round(data.computed_share * 100)} % of the tokens in a batch of ${rows} rows are computed, the rest are shared`,
  ];
}

/** Values of a plan are words and numbers: all stand left. */
function leftAligned(rows: string[][]): string {
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map(([name, value, source]) => `  ${name?.padEnd(widths[0] ?? 0)}  ${value?.padEnd(Math.min(widths[1] ?? 0, 40))}  ${source}`)
    .join('\n');
}
