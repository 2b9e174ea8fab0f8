/** Rows of a file or folder, streamed for checks or read whole for training; every bad row is reported. */
import { AppError, counted, type Problem, problemLines } from '../protocol/errors.js';
import { isObject } from '../protocol/metrics/record.js';
import type { Columns } from '../protocol/recipe.js';
import { type DataRow, ROW_KINDS, type RowKind, type RowOf } from '../protocol/row.js';
import { applyColumns, refuseUnknownColumns } from './columns.js';
import type { SaidDialect } from './dialect.js';
import { type Format, recognizeFormat, toRow, withoutEmptyMedia } from './formats.js';
import { readRecords } from './read-records.js';

/** They are held in memory for training. */
const MAX_ROWS = 1_000_000;
/** More would scroll the first ones away; the count is always whole. */
const MAX_SHOWN_PROBLEMS = 20;

/** How a file is read: its dialect, and its columns where these have names of their own. */
export type FileReading = SaidDialect & { columns?: Columns | undefined };

/** As words of a command line, for a command to run next. */
export function readingOptions({ columns = {}, encoding, delimiter }: FileReading): string[] {
  const said = { ...columns, encoding, delimiter: delimiter === '\t' ? 'tab' : delimiter };
  return Object.entries(said).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value.replaceAll('\n', '\\n')]));
}

/** Beside it, columns that are no part of a row: the one that groups rows, those that are not used. */
export interface RowOptions extends FileReading {
  group?: string | undefined;
  ignore?: string[] | undefined;
}

/** Where a row stands. */
export type Place = Pick<Problem, 'file' | 'line'>;

/** `record` is the row as the file has it. */
export type StreamedRow = { file: string; line: number; format: Format; record: unknown } & DataRow;

/**
 * Rows one after another; what is wrong with one is a problem in its place. The format is that of a file's first record.
 * @throws AppError file-not-found, data-limit, data-format-unknown, column-unknown
 */
export async function* streamRows(path: string, options: RowOptions = {}): AsyncGenerator<StreamedRow | Problem> {
  const { columns } = options;
  const formats = new Map<string, Format>();
  for await (const read of readRecords(path, options)) {
    const { file, line } = read;
    if ('problem' in read) {
      yield { file, line, field: '', problem: read.problem };
      continue;
    }
    const record = read.value;
    const known = formats.get(file);
    if (columns && !known) refuseUnknownColumns(path, columns, record);
    const applied = columns ? applyColumns(columns, record) : { value: withoutOthers(record, options) };
    const format = known ?? (columns ? formatOfColumns(columns) : recognizeFormat(path, (applied as { value: unknown }).value));
    formats.set(file, format);
    const row = 'problems' in applied ? applied : toRow(format, withGroup(withoutEmptyMedia(applied.value), record, options), columns);
    if ('problems' in row) yield* row.problems.map((problem) => ({ file, line, ...problem }));
    else yield { file, line, format, record, ...row };
  }
}

const formatOfColumns = ({ messages }: Columns): Format => (messages ? 'messages' : 'prompt-completion');

/**
 * @returns the rows, all of one kind, and the format that was recognised
 * @throws AppError file-not-found, data-limit, data-empty, data-format-unknown, data-format-unlearnable, data-row-invalid with all bad rows
 */
export async function readRows<K extends RowKind>(
  path: string,
  kind: K,
  options: RowOptions = {},
): Promise<{ rows: RowOf<K>[]; places: Place[]; format: Format }> {
  const problems: Problem[] = [];
  const rows: RowOf<K>[] = [];
  const places: Place[] = [];
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
    places.push({ file: read.file, line: read.line });
    if (rows.length > MAX_ROWS) throw new AppError('data-limit', { file: path, what: 'its number of rows', limit: `${MAX_ROWS}` });
  }
  refuseProblems(path, options, problems, numProblems);
  if (!format) throw new AppError('data-empty', { file: path });
  return { rows, places, format };
}

/** The error of rows of one kind where another is needed. */
export function unlearnable(file: string, format: string, kind: RowKind): AppError {
  return new AppError('data-format-unlearnable', { file, format, wanted: ROW_KINDS[kind] });
}

/** @param path the file or folder, read as it was; @throws AppError data-row-invalid with the first problems, and the number of all */
export function refuseProblems(path: string, reading: FileReading, problems: Problem[], numProblems = problems.length): void {
  if (numProblems === 0) return;
  const shown = problems.slice(0, MAX_SHOWN_PROBLEMS);
  const more = numProblems - shown.length;
  const text = problemLines(shown) + (more > 0 ? `\n  … and ${more} more` : '');
  throw new AppError('data-row-invalid', {
    command: [path, ...readingOptions(reading)],
    count: counted(numProblems, 'problem'),
    problems: text,
  });
}

function withoutOthers(value: unknown, { group, ignore }: RowOptions): unknown {
  if (!isObject(value) || (group === undefined && !ignore)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== group && !ignore?.includes(name)));
}

function withGroup(value: unknown, record: unknown, { group }: RowOptions): unknown {
  return group === undefined || !isObject(value) || !isObject(record) ? value : { ...value, group: record[group] };
}
