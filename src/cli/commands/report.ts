/** slipway report COMPARISON */
import { existsSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import { findComparison } from '../../compare/comparison.js';
import { AppError } from '../../protocol/errors.js';
import { RowQuery } from '../../protocol/row-result.js';
import { reportText } from '../../server/views/report.js';
import { rowsFile } from '../../server/views/rows-view.js';
import { writeWhole } from '../../store/files.js';
import { slipwayHome } from '../../store/home.js';
import { printJson } from '../options.js';

interface ReportOptions {
  output?: string;
  rows?: boolean;
  force?: boolean;
  json?: boolean;
}

/** @throws AppError not-judged, not-verified, file-exists, option-invalid for another ending than .html and .csv */
export function reportCommand(id: string, options: ReportOptions): void {
  const folder = findComparison(slipwayHome(), id);
  const output = options.output ?? `${basename(folder)}.html`;
  const file = resolve(output);
  const kind = extname(output).toLowerCase();
  if (kind !== '.html' && kind !== '.csv') {
    const problem = `${output} ends neither with .html, the report, nor with .csv, its rows`;
    throw new AppError('option-invalid', { option: '--output', problem, command: 'report' });
  }
  if (existsSync(file) && !options.force) throw new AppError('file-exists', { file });
  const text = kind === '.csv' ? rowsFile(folder, RowQuery.parse({})) : reportText(folder, options.rows === true);
  writeWhole(file, text);
  const bytes = Buffer.byteLength(text);
  const hint = kind === '.html' && !options.rows ? ' (without the single rows: add --rows for them)' : '';
  if (options.json) printJson({ comparison: basename(folder), file, bytes });
  else process.stdout.write(`wrote ${output}, ${Math.ceil(bytes / 1000)} kB${hint}\n`);
}
