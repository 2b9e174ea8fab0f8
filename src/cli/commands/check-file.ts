/** slipway check FILE: a data file or folder, in one pass. */
import { refuseProblems } from '../../data/read-rows.js';
import { readApart } from '../../flow/rows/read-apart.js';
import { AppError } from '../../protocol/errors.js';
import { count } from '../../protocol/units.js';
import { lintLines } from '../lint-text.js';
import { encodingOf, printJson } from '../options.js';
import { terminalReporter } from '../terminal-reporter.js';

/** @throws AppError data-row-invalid with the first problems, data-empty */
export async function checkFile(file: string, options: { encoding?: string; json?: boolean }): Promise<void> {
  const reporter = terminalReporter(process.stderr);
  reporter.stage('rows', file);
  const started = performance.now();
  const asked = { file, encoding: encodingOf(options.encoding, 'check') };
  const lint = await readApart('lint', asked, { onRows: (numRows) => reporter.progress(`${count(numRows)} rows`) });
  reporter.end();
  if (options.json) printJson({ ok: lint.num_problems === 0, ...lint });
  refuseProblems(lint.problems, lint.num_problems);
  if (lint.num_rows === 0) throw new AppError('data-empty', { file });
  if (options.json) return;
  const formats = Object.entries(lint.rows_by_format).map(([format, numRows]) => `${count(numRows)} rows of ${format}`);
  const perSecond = Math.round(lint.num_rows / ((performance.now() - started) / 1000));
  const verdict = lint.warnings.length === 0 ? 'No problems.' : 'No errors, only warnings.';
  process.stdout.write(`${[`  ${formats.join(', ')}, ${count(perSecond)} rows a second`, ...lintLines(lint), verdict].join('\n')}\n`);
}
