/** slipway check RECIPE */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { splitWarnings } from '../../data/splits.js';
import { gateSentences } from '../../flow/compare/gate-sentences.js';
import { recipeGate } from '../../flow/compare/recipe-gate.js';
import { readApart } from '../../flow/rows/read-apart.js';
import { modelElsewhere } from '../../flow/tune/find-model.js';
import { readyModel } from '../../flow/tune/ready-model.js';
import { readShape } from '../../model/families/read-shape.js';
import { answerName, type Inspection } from '../../protocol/inspection.js';
import type { Plan } from '../../protocol/plan.js';
import { comparedRows } from '../../protocol/row.js';
import { gigabytes } from '../../protocol/units.js';
import { slipwayHome } from '../../store/home.js';
import { lintSplits } from '../../tune/lint/lint-splits.js';
import { planWithoutWeights, prepareRun, shapeOfFolder } from '../../tune/prepare.js';
import { coverageTable } from '../coverage-table.js';
import { lintLines } from '../lint-text.js';
import { printJson, type RecipeOptions, type RowOptions, recipeFrom, refuseOfDataFile } from '../options.js';
import { style } from '../style.js';
import { table } from '../table.js';
import { terminalReporter } from '../terminal-reporter.js';

const SHOWN_CUTS = 3;

export async function checkCommand(file: string, options: RecipeOptions & RowOptions & { writeClean?: string }): Promise<void> {
  refuseOfDataFile(options, 'check', 'is of a data file; a recipe says it itself, under data');
  const home = slipwayHome();
  const loaded = recipeFrom(file, options);
  const gate = recipeGate(loaded);
  const gate_sha256 = gate?.sha256 ?? null;
  const splits = await readApart('splits', loaded);
  const rule = gate ? gateSentences(gate.gate, comparedRows(splits.test)) : [];
  const warnings = splitWarnings(splits);
  const elsewhere = modelElsewhere(home, loaded.recipe.model);
  if (elsewhere) {
    const plan = planWithoutWeights(loaded, splits, { known: elsewhere, home, gate_sha256 });
    const lint = lintSplits(splits, readShape(elsewhere.config, elsewhere.id).context_length);
    if (options.json)
      return printJson({ ok: true, inspection: null, forecast: plan.forecast, coverage: plan.coverage, rule, lint, warnings });
    const unknown = `  Masks and lengths are not checked: the tokenizer of ${elsewhere.id} is not here (${elsewhere.hub}).`;
    process.stdout.write(
      `${[...trainedLines(plan), '', unknown, ...ruleLines(rule), ...warningLines(warnings), ...lintLines(lint), 'No problems with what can be checked here.'].join('\n')}\n`,
    );
    return;
  }
  const reporter = terminalReporter(process.stderr);
  const ready = await readyModel(home, loaded, reporter, { offline: options.offline === true });
  reporter.end();
  const lint = lintSplits(splits, shapeOfFolder(ready.model_folder).context_length);
  const data_folder = mkdtempSync(join(tmpdir(), 'slipway-check-'));
  try {
    const { inspection, plan } = await prepareRun(loaded, splits, { ...ready, data_folder, gate_sha256 });
    if (options.json) return printJson({ ok: true, inspection, forecast: plan.forecast, coverage: plan.coverage, rule, lint, warnings });
    process.stdout.write(
      `${[...trainedLines(plan), '', ...inspectionLines(inspection, splits.test.length), ...ruleLines(rule), ...warningLines(warnings), ...lintLines(lint), 'No problems.'].join('\n')}\n`,
    );
  } finally {
    rmSync(data_folder, { recursive: true, force: true });
  }
}

/** The gate that the recipe names, in sentences. */
const ruleLines = (rule: string[]) => (rule.length > 0 ? ['  the gate:', ...rule.map((text) => `    ${text}`), ''] : []);

const warningLines = (warnings: string[]) => warnings.map((text) => style('yellow', `  ${text}`));

function trainedLines(plan: Plan): string[] {
  const where = plan.device === 'cuda' ? `on ${plan.values.run.num_processes} GPU` : 'on this CPU';
  return [`  what is trained, ${where}, forecast ${gigabytes(plan.forecast.memory_bytes)} of memory:`, coverageTable(plan.coverage)];
}

function inspectionLines(inspection: Inspection, numTestRows: number): string[] {
  const rows = inspection.splits.map((split) => [
    split.split,
    String(split.num_rows),
    String(split.num_tokens),
    `${split.longest_row.num_tokens} (row ${split.longest_row.row})`,
    `${split.supervised_tokens.min} / ${split.supervised_tokens.median} / ${split.supervised_tokens.max}`,
    String(split.truncated_rows.length),
    split.is_end_of_turn_supervised ? 'yes' : 'NO',
  ]);
  const head = ['split', 'rows', 'tokens', 'longest', 'supervised per row: min / median / max', 'cut', 'end of turn'];
  const cut = inspection.splits.flatMap((split) =>
    split.truncated_rows.slice(0, SHOWN_CUTS).map((row) => ({ ...row, split: split.split })),
  );
  return [
    table([head, ...rows]),
    `  test   ${numTestRows} rows, none of which is in train or dev; the worker never reads them`,
    ...cut.map(
      ({ split, row, num_tokens, num_answer_tokens_cut }) =>
        `  ${split} row ${row} has ${num_tokens} tokens: cut to ${inspection.max_length}, ${num_answer_tokens_cut} of its answer`,
    ),
    '',
    `  the first rows; ${style('green', 'green')} carries loss:`,
    ...inspection.first_rows.flatMap((row) => [
      ...(row.part ? [`  row ${row.row}, ${answerName(row)}:`] : []),
      colouredRow(row.text, row.supervised_text),
    ]),
  ];
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
