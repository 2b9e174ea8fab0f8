/** slipway check FILE: a data file or folder, in one pass. */
import { readingOptions, refuseProblems } from '../../data/read-rows.js';
import { relativeToHere } from '../../flow/author/profile-dataset.js';
import { readApart } from '../../flow/rows/read-apart.js';
import { AppError, asAppError, counted } from '../../protocol/errors.js';
import { shellWord } from '../../protocol/shell-word.js';
import { count } from '../../protocol/units.js';
import type { CleanedFile } from '../../tune/lint/write-clean.js';
import { lintLines } from '../lint-text.js';
import { fileReading, printJson, type RowOptions } from '../options.js';
import { errorDocument } from '../show-error.js';
import { terminalReporter } from '../terminal-reporter.js';

/** Of a small file the start of a process would be measured. */
const MIN_SECONDS_FOR_SPEED = 2;

interface CheckFileOptions extends RowOptions {
  writeClean?: string;
  json?: boolean;
}

/** @throws AppError data-row-invalid with the first problems, data-empty */
export async function checkFile(file: string, options: CheckFileOptions): Promise<void> {
  const reporter = terminalReporter(process.stderr);
  reporter.stage('rows', file);
  const started = performance.now();
  const asked = { file, ...fileReading(options, 'check') };
  const onRows = (numRows: number) => reporter.progress(`${count(numRows)} rows`);
  if (options.writeClean !== undefined) {
    const cleaned = await readApart('clean', { ...asked, out: options.writeClean }, { onRows });
    reporter.end();
    if (options.json) printJson({ ok: true, ...cleaned });
    else process.stdout.write(`${cleanedText(cleaned, readingOptions({ ...asked, encoding: undefined, delimiter: undefined }))}\n`);
    return;
  }
  const lint = await readApart('lint', asked, { onRows });
  reporter.end();
  try {
    refuseProblems(file, asked, lint.problems, lint.num_problems);
  } catch (thrown) {
    const error = asAppError(thrown);
    if (!options.json) throw error;
    printJson({ ok: false, ...lint, error: errorDocument(error) });
    process.exitCode = error.exit_code;
    return;
  }
  if (lint.num_rows === 0) throw new AppError('data-empty', { file });
  if (options.json) return printJson({ ok: true, ...lint });
  const formats = Object.entries(lint.rows_by_format).map(
    ([format, numRows]) => `${numRows === 1 ? '1 row' : `${count(numRows)} rows`} of ${format}`,
  );
  const seconds = (performance.now() - started) / 1000;
  const speed = seconds > MIN_SECONDS_FOR_SPEED ? [`${count(Math.round(lint.num_rows / seconds))} rows a second`] : [];
  const verdict = lint.warnings.length === 0 ? 'No problems.' : 'No errors, only warnings.';
  const lines = [`  ${[...formats, ...speed].join(', ')}`, ...(lint.dialect ? [`  read as ${lint.dialect}`] : [])];
  process.stdout.write(`${[...lines, ...lintLines(lint), verdict].join('\n')}\n`);
}

/** @param columns the options that name them: the copy has the same */
function cleanedText({ out, left_out, num_written, num_left_out }: CleanedFile, columns: string[]): string {
  return [
    `  wrote     ${relativeToHere(out)}: ${counted(num_written, 'row')}`,
    `  left out  ${counted(num_left_out, 'row')}, each with its reason in ${relativeToHere(left_out)}`,
    `  next      slipway new ${[out, ...columns].map(shellWord).join(' ')}`,
  ].join('\n');
}
