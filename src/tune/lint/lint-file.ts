/** A data file or folder looked through in one pass: rows by format, what is wrong and where, what is risky. Memory stays flat. */
import { dialectOf, dialectText } from '../../data/dialect.js';
import { isRecord, oddness, oddProblem, wantsRecords } from '../../data/odd-answers.js';
import { dataFiles } from '../../data/read-records.js';
import { type FileReading, type StreamedRow, streamRows } from '../../data/read-rows.js';
import type { Problem } from '../../protocol/errors.js';
import type { LintReport } from '../../protocol/lint.js';
import { startLint } from './lint-rows.js';

/** Problems that are kept; the count is always whole. */
const MAX_PROBLEMS = 100;

export interface FileLint extends LintReport {
  rows_by_format: Record<string, number>;
  num_problems: number;
  problems: Problem[];
  /** Whether nearly all answers are JSON objects: what is none is among the problems. */
  wants_records: boolean;
  /** What was found by looking at the file, in words; null: comma and UTF-8. */
  dialect: string | null;
}

/** @throws AppError file-not-found, data-limit, data-format-unknown, column-unknown */
export async function lintFile(path: string, reading: FileReading, onRows: (numRows: number) => void): Promise<FileLint> {
  const lint = startLint(null);
  const rows_by_format: Record<string, number> = {};
  const problems: Problem[] = [];
  const odd: Problem[] = [];
  const answers = { num_answers: 0, num_records: 0 };
  let numProblems = 0;
  let numOdd = 0;
  let numRows = 0;
  const keep = (list: Problem[], problem: Problem) => {
    if (list.length < MAX_PROBLEMS) list.push(problem);
  };
  for await (const read of streamRows(path, reading)) {
    if ('problem' in read) {
      numProblems++;
      keep(problems, read);
      continue;
    }
    rows_by_format[read.format] = (rows_by_format[read.format] ?? 0) + 1;
    lint.look(read, read);
    const answer = answerOf(read);
    if (answer !== null) {
      answers.num_answers++;
      if (isRecord(answer)) answers.num_records++;
      const problem = oddness(answer);
      if (problem !== null) {
        numOdd++;
        keep(odd, oddProblem(read, problem));
      }
    }
    if (++numRows % 10_000 === 0) onRows(numRows);
  }
  const wants_records = wantsRecords(answers);
  return {
    ...lint.report(),
    rows_by_format,
    num_problems: numProblems + (wants_records ? numOdd : 0),
    problems: wants_records ? [...problems, ...odd].slice(0, MAX_PROBLEMS) : problems,
    wants_records,
    dialect: dialectText(await dialectOf(dataFiles(path)[0] as string, reading)),
  };
}

/** The last answer of a chat; null for rows of other kinds. */
export function answerOf(read: StreamedRow): string | null {
  return read.kind === 'chat' ? (read.row.messages.at(-1)?.content ?? '') : null;
}
