/** A data file or folder looked through in one pass: rows by format, what is wrong and where, what is risky. Memory stays flat. */
import type { Encoding } from '../../data/encodings.js';
import { streamRows } from '../../data/read-rows.js';
import type { Problem } from '../../protocol/errors.js';
import type { LintReport } from '../../protocol/lint.js';
import { startLint } from './lint-rows.js';

/** Problems that are kept; the count is always whole. */
const MAX_PROBLEMS = 100;

export interface FileLint extends LintReport {
  rows_by_format: Record<string, number>;
  num_problems: number;
  problems: Problem[];
}

/** @throws AppError file-not-found, data-limit, data-format-unknown */
export async function lintFile(
  path: string,
  { encoding, onRows }: { encoding?: Encoding | undefined; onRows: (numRows: number) => void },
): Promise<FileLint> {
  const lint = startLint(null);
  const rows_by_format: Record<string, number> = {};
  const problems: Problem[] = [];
  let numProblems = 0;
  let numRows = 0;
  for await (const read of streamRows(path, { encoding })) {
    if ('problem' in read) {
      numProblems++;
      if (problems.length < MAX_PROBLEMS) problems.push(read);
      continue;
    }
    rows_by_format[read.format] = (rows_by_format[read.format] ?? 0) + 1;
    lint.look(read, read);
    if (++numRows % 10_000 === 0) onRows(numRows);
  }
  return { ...lint.report(), rows_by_format, num_problems: numProblems, problems };
}
