/** slipway check FILE: a data file or folder, in one pass. */
import { resolve } from 'node:path';
import { refuseProblems } from '../../data/read-rows.js';
import { relativeToHere } from '../../flow/author/profile-dataset.js';
import { readApart } from '../../flow/rows/read-apart.js';
import { AppError, asAppError, counted } from '../../protocol/errors.js';
import { count } from '../../protocol/units.js';
import type { CleanedFile } from '../../tune/lint/write-clean.js';
import { lintLines } from '../lint-text.js';
import { fileReading, printJson, type RowOptions } from '../options.js';
import { errorDocument } from '../show-error.js';
import { terminalReporter } from '../terminal-reporter.js';

interface CheckFileOptions extends RowOptions {
  writeClean?: string;
  json?: boolean;
}

/** @throws AppError data-row-invalid with the first problems, data-empty */
export async function checkFile(file: string, options: CheckFileOptions): Promise<void> {
  const reporter = terminalReporter(process.stderr);
  reporter.stage('rows', file);
  const started = performance.now();
  const asked = { file: resolve(file), ...fileReading(options, 'check') };
  const onRows = (numRows: number) => reporter.progress(`${count(numRows)} rows`);
  if (options.writeClean !== undefined) {
    const cleaned = await readApart('clean', { ...asked, out: resolve(options.writeClean) }, { onRows });
    reporter.end();
    if (options.json) printJson({ ok: true, ...cleaned });
    else process.stdout.write(`${cleanedText(cleaned)}\n`);
    return;
  }
  const lint = await readApart('lint', asked, { onRows });
  reporter.end();
  try {
    refuseProblems(file, lint.problems, lint.num_problems);
  } catch (thrown) {
    const error = asAppError(thrown);
    if (!options.json) throw error;
    printJson({ ok: false, ...lint, error: errorDocument(error) });
    process.exitCode = error.exit_code;
    return;
  }
  if (lint.num_rows === 0) throw new AppError('data-empty', { file });
  if (options.json) return printJson({ ok: true, ...lint });
  const formats = Object.entries(lint.rows_by_format).map(([format, numRows]) => `${count(numRows)} rows of ${format}`);
  const perSecond = Math.round(lint.num_rows / ((performance.now() - started) / 1000));
  const verdict = lint.warnings.length === 0 ? 'No problems.' : 'No errors, only warnings.';
  const lines = [`  ${formats.join(', ')}, ${count(perSecond)} rows a second`, ...(lint.dialect ? [`  read as ${lint.dialect}`] : [])];
  process.stdout.write(`${[...lines, ...lintLines(lint), verdict].join('\n')}\n`);
}

function cleanedText({ out, left_out, num_written, num_left_out }: CleanedFile): string {
  return [
    `  wrote     ${relativeToHere(out)}: ${counted(num_written, 'row')}`,
    `  left out  ${counted(num_left_out, 'row')}, each with its reason in ${relativeToHere(left_out)}`,
  ].join('\n');
}
