/** What is risky in the rows that a run learns from and looks at, and that none of them is in another split. */
import { sharedRows } from '../../data/load-splits.js';
import type { Splits } from '../../data/splits.js';
import type { SplitsLint } from '../../protocol/lint.js';
import { startLint } from './lint-rows.js';

/** Train and dev, by the number of the row. Test is compare's alone: only its prompts' hashes are looked at. */
export function lintSplits({ train, dev, test }: Splits, contextLength: number | null = null): SplitsLint {
  const lint = startLint(contextLength);
  for (const [split, rows] of Object.entries({ train, dev })) {
    for (const [index, row] of rows.entries()) lint.look({ kind: 'chat', row }, { file: split, line: index + 1 });
  }
  return {
    ...lint.report(),
    overlap: {
      dev_rows_in_train: sharedRows(dev, train).length,
      test_rows_in_train: sharedRows(test, train).length,
      test_rows_in_dev: sharedRows(test, dev).length,
    },
  };
}
