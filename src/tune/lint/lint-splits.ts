/** Risks in the train and dev rows of a run. That no row is in two splits was checked when they were read. */
import type { Splits } from '../../data/splits.js';
import type { LintReport } from '../../protocol/lint.js';
import { dataRow } from '../../protocol/row.js';
import { startLint } from './lint-rows.js';

/** Train and dev, by the number of the row. Test is compare's alone. */
export function lintSplits({ train, dev }: Splits, contextLength: number | null = null): LintReport {
  const lint = startLint(contextLength);
  for (const [split, rows] of Object.entries({ train, dev })) {
    for (const [index, row] of rows.entries()) lint.look(dataRow(row), { file: split, line: index + 1 });
  }
  return lint.report();
}
