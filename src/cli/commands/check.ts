/** slipway check RECIPE */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readGate } from '../../compare/read-gate.js';
import { readyModel } from '../../flow/tune-recipe.js';
import type { Inspection } from '../../protocol/inspection.js';
import { slipwayHome } from '../../store/home.js';
import { prepareRun, recipeSplits } from '../../tune/prepare.js';
import { printJson, type RecipeOptions, recipeFrom } from '../options.js';
import { style } from '../style.js';
import { table } from '../table.js';
import { terminalReporter } from '../terminal-reporter.js';

export async function checkCommand(file: string, options: RecipeOptions): Promise<void> {
  const home = slipwayHome();
  const loaded = recipeFrom(file, options);
  if (loaded.recipe.gate) readGate(resolve(loaded.folder, loaded.recipe.gate));
  const splits = recipeSplits(loaded);
  const reporter = terminalReporter(process.stderr);
  const ready = await readyModel(home, loaded, reporter, { offline: options.offline === true });
  reporter.end();
  const data_folder = mkdtempSync(join(tmpdir(), 'slipway-check-'));
  try {
    const { inspection, plan } = await prepareRun(loaded, splits, { ...ready, data_folder, resume_from: null });
    if (options.json) return printJson({ ok: true, inspection, forecast: plan.forecast });
    process.stdout.write(`${inspectionText(inspection, splits.test.length)}\n`);
  } finally {
    rmSync(data_folder, { recursive: true, force: true });
  }
}

function inspectionText(inspection: Inspection, numTestRows: number): string {
  const rows = inspection.splits.map((split) => [
    split.split,
    String(split.num_rows),
    String(split.num_tokens),
    `${split.longest_row.num_tokens} (row ${split.longest_row.row})`,
    `${split.supervised_tokens.min} / ${split.supervised_tokens.median} / ${split.supervised_tokens.max}`,
    split.is_end_of_turn_supervised ? 'yes' : 'NO',
  ]);
  const head = ['split', 'rows', 'tokens', 'longest', 'supervised a row: min / median / max', 'end of turn'];
  const shown = inspection.first_rows.map((row) => colouredRow(row.text, row.supervised_text));
  return [
    table([head, ...rows]),
    `  test   ${numTestRows} rows, none of which is in train or dev; the worker never sees them`,
    '',
    `  the first rows; ${style('green', 'green')} carries loss:`,
    ...shown,
    'No problems.',
  ].join('\n');
}

function colouredRow(text: string, supervised: string[]): string {
  let rest = text;
  let shown = '';
  for (const part of supervised) {
    const at = rest.indexOf(part);
    shown += style('dim', rest.slice(0, at)) + style('green', part);
    rest = rest.slice(at + part.length);
  }
  return (shown + style('dim', rest))
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
