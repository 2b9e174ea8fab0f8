/** Rows of a file or folder, streamed for checks or read whole for training; every bad row is reported. */
import { AppError, counted, type Problem, problemLines } from '../protocol/errors.js';
import { type DataRow, type Message, ROW_KINDS, type RowKind, type RowOf } from '../protocol/row.js';
import type { Encoding } from './encodings.js';
import { type Format, recognizeFormat, toRow } from './formats.js';
import { readRecords } from './read-records.js';

/** They are held in memory for training. */
const MAX_ROWS = 1_000_000;
/** More would scroll the first ones away; the count is always whole. */
const MAX_SHOWN_PROBLEMS = 20;

/** How a file is read: columns beside those of the format (the one that groups rows, those that are not used), and its encoding. */
export interface RowOptions {
  group?: string | undefined;
  ignore?: string[] | undefined;
  encoding?: Encoding | undefined;
}

export type StreamedRow = { file: string; line: number; format: Format } & DataRow;

/**
 * Rows one after another; what is wrong with one is a problem in its place. The format is that of a file's first record.
 * @throws AppError file-not-found, data-limit, data-format-unknown
 */
export async function* streamRows(path: string, options: RowOptions = {}): AsyncGenerator<StreamedRow | Problem> {
  const formats = new Map<string, Format>();
  for await (const read of readRecords(path, options.encoding)) {
    const { file, line } = read;
    if ('problem' in read) {
      yield { file, line, field: '', problem: read.problem };
      continue;
    }
    const value = withoutOthers(read.value, options);
    const format = formats.get(file) ?? recognizeFormat(file, value);
    formats.set(file, format);
    const row = toRow(format, value);
    if ('problems' in row) yield* row.problems.map((problem) => ({ file, line, ...problem }));
    else {
      const problems = turnProblems(row);
      if (problems.length > 0) yield* problems.map((problem) => ({ file, line, ...problem }));
      else yield { file, line, format, ...row };
    }
  }
}

/**
 * @returns the rows, all of one kind, and the format that was recognised
 * @throws AppError file-not-found, data-limit, data-empty, data-format-unknown, data-format-unlearnable, data-row-invalid with all bad rows
 */
export async function readRows<K extends RowKind>(
  path: string,
  kind: K,
  options: RowOptions = {},
): Promise<{ rows: RowOf<K>[]; format: Format }> {
  const problems: Problem[] = [];
  const rows: RowOf<K>[] = [];
  let format: Format | null = null;
  let numProblems = 0;
  for await (const read of streamRows(path, options)) {
    if ('problem' in read) {
      numProblems++;
      if (problems.length < MAX_SHOWN_PROBLEMS) problems.push(read);
      continue;
    }
    if (read.kind !== kind) throw unlearnable(read.file, read.format, kind);
    format ??= read.format;
    rows.push(read.row as RowOf<K>);
    if (rows.length > MAX_ROWS) throw new AppError('data-limit', { file: path, what: 'its number of rows', limit: `${MAX_ROWS}` });
  }
  refuseProblems(problems, numProblems);
  if (!format) throw new AppError('data-empty', { file: path });
  return { rows, format };
}

/** The error of rows of one kind where another is needed. */
export function unlearnable(file: string, format: string, kind: RowKind): AppError {
  return new AppError('data-format-unlearnable', { file, format, wanted: ROW_KINDS[kind] });
}

/** @throws AppError data-row-invalid with the first problems, and the number of all */
export function refuseProblems(problems: Problem[], numProblems = problems.length): void {
  if (numProblems === 0) return;
  const shown = problems.slice(0, MAX_SHOWN_PROBLEMS);
  const more = numProblems - shown.length;
  const text = problemLines(shown) + (more > 0 ? `\n  … and ${more} more` : '');
  throw new AppError('data-row-invalid', { count: counted(numProblems, 'problem'), problems: text });
}

function withoutOthers(value: unknown, { group, ignore }: RowOptions): unknown {
  if (value === null || typeof value !== 'object' || (group === undefined && !ignore)) return value;
  const record = value as Record<string, unknown>;
  const kept = Object.entries(record).filter(([name]) => name !== group && !ignore?.includes(name));
  return { ...Object.fromEntries(kept), ...(group === undefined ? {} : { group: record[group] }) };
}

interface FieldProblem {
  field: string;
  problem: string;
}

/** What no method can learn from, whatever the format. */
function turnProblems(read: DataRow): FieldProblem[] {
  switch (read.kind) {
    case 'chat':
      return [...turnOrder('messages', read.row.messages), ...endsWithAnswer('messages', read.row.messages)];
    case 'preference': {
      const { prompt, chosen, rejected } = read.row;
      const sides = { chosen, rejected };
      return Object.entries(sides).flatMap(([side, turns]) => [...turnOrder(side, [...prompt, ...turns]), ...endsWithAnswer(side, turns)]);
    }
    case 'labelled':
      return [
        ...turnOrder('completion', [...read.row.prompt, ...read.row.completion]),
        ...endsWithAnswer('completion', read.row.completion),
      ];
    case 'prompt':
      return turnOrder('prompt', read.row.prompt);
  }
}

function turnOrder(field: string, messages: Message[]): FieldProblem[] {
  const problems: FieldProblem[] = [];
  messages.forEach((message, index) => {
    const isEmpty = message.content.trim() === '' && !message.tool_calls?.length;
    if (message.role === 'system' && index > 0)
      problems.push({ field: `${field}.${index}`, problem: 'a system message must be the first' });
    if (message.role === 'assistant' && isEmpty)
      problems.push({ field: `${field}.${index}.content`, problem: 'an empty answer teaches nothing: write one or remove the row' });
  });
  return problems;
}

function endsWithAnswer(field: string, messages: Message[]): FieldProblem[] {
  if (messages.at(-1)?.role === 'assistant') return [];
  return [{ field, problem: 'the last message must be the assistant’s answer' }];
}
