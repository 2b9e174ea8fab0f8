/** A data file profiled: its format, columns, groups, metric and splits. */
import { basename, relative } from 'node:path';
import { chooseMetric, type MetricChoice } from '../../compare/choose-metric.js';
import { columnOf, pathsOf } from '../../data/columns.js';
import { dialectOf, dialectText } from '../../data/dialect.js';
import { kindOfFormat, otherColumns, recognizeFormat } from '../../data/formats.js';
import { groupsOf } from '../../data/groups.js';
import { refuseOddAnswers } from '../../data/odd-answers.js';
import { nearDuplicates } from '../../data/overlap.js';
import { dataFiles, readRecords } from '../../data/read-records.js';
import { type FileReading, readRows } from '../../data/read-rows.js';
import { splitRows } from '../../data/split-rows.js';
import type { Splits } from '../../data/splits.js';
import { AppError } from '../../protocol/errors.js';
import { METHODS, type Method } from '../../protocol/methods/methods.js';
import { isObject } from '../../protocol/metrics/record.js';
import type { Columns } from '../../protocol/recipe.js';
import { type AnyRow, type ComparedRow, comparedRows, ROW_KINDS, type RowKind } from '../../protocol/row.js';
import type { DatasetProfile } from './dataset-profile.js';

/** A name such as `id`, `patient_id`, `clientId`, `site`: rows that share its value may be alike. */
const ID_NAME = /(^|[_\s-])(id|ids|patient|client|customer|site|user|subject|case|account|author|member|group)$/i;
const CAMEL_CASE_ID = /[a-z]Id$/;

export interface ProfileRequest extends FileReading {
  file: string;
  /** A column, or false: rows are independent. Undefined: refused when a column of ids repeats. */
  group?: string | false | undefined;
  /** Keys of prompts that were opened as test rows before: they stay in test. */
  were_test?: ReadonlySet<string> | undefined;
  /** What is made of the rows; undefined: what they are for as a rule. */
  method?: Method | undefined;
}

/** @throws AppError group-unsaid, option-invalid for a column that not every row has, and those of rows */
export async function profileDataset({
  file,
  group: asked,
  were_test,
  method: asked_method,
  ...reading
}: ProfileRequest): Promise<DatasetProfile> {
  const values: unknown[] = [];
  // What is no record, or no object, is named by `readRows` below, with its line.
  for await (const read of readRecords(file, reading)) if ('value' in read) values.push(read.value);
  const kind = values.length === 0 ? 'chat' : learntKind(file, values[0], reading.columns);
  if (values.length === 0) await readRows(file, kind, reading);
  const records = values.filter(isObject);
  const method = methodFor(kind, asked_method);
  const hasMargin = kind === 'preference' && records.some((record) => 'margin' in record);
  const unlearnt = hasMargin && method !== 'reward' ? ['margin'] : [];
  const others = [...unusedColumns(file, records, values[0], reading.columns), ...unlearnt];
  const group = chooseGroup(file, records, others, asked);
  const columns = { group, ignore: others.filter((name) => name !== group) };
  const { rows, places, format } = await readRows<RowKind>(file, kind, { ...reading, group: group ?? undefined, ignore: columns.ignore });
  const compared = comparedRows(rows);
  if (kind === 'chat') refuseOddAnswers(file, reading, { rows: compared, places });
  const groups = groupsOf(rows);
  const shares = chooseShares(rows, groups.length);
  return {
    file,
    reading,
    dialect: dialectText(await dialectOf(dataFiles(file)[0] as string, reading)),
    format,
    rows,
    compared,
    method,
    columns,
    num_groups: groups.length,
    chosen: chosenMetric(method, kind, compared),
    shares,
    splits: withNearDuplicates(splitRows(rows, shares, were_test)),
  };
}

/** What is made of rows of a kind unless a recipe says otherwise. */
const METHOD_OF: Record<RowKind, Method> = { chat: 'sft', preference: 'dpo', labelled: 'kto', prompt: 'sft' };

/** @throws AppError option-invalid for a method that learns from other rows */
function methodFor(kind: RowKind, asked: Method | undefined): Method {
  if (asked === undefined) return METHOD_OF[kind];
  const { rows } = METHODS[asked];
  if (rows === kind) return asked;
  const problem = `${asked} learns from ${ROW_KINDS[rows]}, and these are ${ROW_KINDS[kind]}`;
  throw new AppError('option-invalid', { option: '--method', problem, command: 'new' });
}

function chosenMetric(method: Method, kind: RowKind, compared: ComparedRow[]): MetricChoice {
  if (method === 'reward') return { metric: 'reward_accuracy' };
  return kind === 'labelled' ? { metric: 'reference_logprob' } : chooseMetric(compared);
}

/** Prompts alone are named by `readRows` as what nothing is learnt from. */
function learntKind(file: string, first: unknown, columns: Columns | undefined): RowKind {
  if (columns) return 'chat';
  const kind = kindOfFormat(recognizeFormat(file, first));
  return kind === 'prompt' ? 'chat' : kind;
}

/** Columns that no row is made of. */
function unusedColumns(file: string, records: Record<string, unknown>[], first: unknown, columns: Columns | undefined): string[] {
  if (!columns) {
    const format = recognizeFormat(file, first);
    return [...new Set(records.flatMap((record) => otherColumns(record, format)))];
  }
  const used = (record: Record<string, unknown>) =>
    Object.values(columns).flatMap((source) => pathsOf(source, record).map((path) => columnOf(path, record)));
  return [...new Set(records.flatMap((record) => Object.keys(record).filter((name) => !used(record).includes(name))))];
}

/** `go` refuses them unless the recipe allows it: a person should know before. */
function withNearDuplicates(splits: Splits): Splits {
  const { train, dev, test } = splits;
  const near_duplicates = [...nearDuplicates(dev, train), ...nearDuplicates(test, train), ...nearDuplicates(test, dev)];
  return { ...splits, near_duplicates: near_duplicates.map(({ row, other }) => `row ${row} is row ${other}`) };
}

/** Columns of ids whose values repeat, with how many there are. */
export function repeatingIds(records: Record<string, unknown>[], columns: string[]): { column: string; num_values: number }[] {
  return columns.flatMap((column) => {
    const values = records.map((record) => record[column]).filter((value) => typeof value === 'string' || typeof value === 'number');
    const num_values = new Set(values).size;
    const isId = ID_NAME.test(column) || CAMEL_CASE_ID.test(column);
    return isId && num_values > 1 && num_values < values.length ? [{ column, num_values }] : [];
  });
}

function chooseGroup(file: string, records: Record<string, unknown>[], others: string[], asked: string | false | undefined): string | null {
  if (asked === false) return null;
  if (asked !== undefined) {
    const hasIt = records.every((record) => ['string', 'number'].includes(typeof record[asked]));
    if (hasIt) return asked;
    const problem = `not every row of ${basename(file)} has a text or number in ${asked}; its columns are ${Object.keys(records[0] ?? {}).join(', ')}`;
    throw new AppError('option-invalid', { option: '--group', problem, command: 'new' });
  }
  const repeating = repeatingIds(records, others);
  if (repeating.length === 0) return null;
  const columns = repeating.map(({ column, num_values }) => `${column} (${num_values} values in ${records.length} rows)`).join(' and ');
  // The column with the fewest values keeps the most rows together.
  const [widest] = repeating.sort((a, b) => a.num_values - b.num_values);
  throw new AppError('group-unsaid', { file: relativeToHere(file), columns, column: (widest as { column: string }).column });
}

/**
 * A small set needs most of its rows to measure with: bounds on 30 groups are 20 points wide and more. A large set
 * needs no more than some hundred test groups, since each candidate answers every one.
 */
function chooseShares(rows: AnyRow[], numGroups: number): { dev: number; test: number } {
  const shares =
    numGroups < 300
      ? { dev: 0.1, test: 0.4 }
      : { dev: round(Math.max(0.01, 60 / numGroups)), test: round(Math.max(0.01, 150 / numGroups)) };
  // Parity and early warnings rest on dev: a split by hash may leave a tiny set without any.
  while (shares.dev < 0.3 && splitRows(rows, shares).dev.length === 0) shares.dev = round(shares.dev + 0.05);
  return shares;
}

function round(share: number): number {
  return Math.round(share * 100) / 100;
}

export function relativeToHere(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') || short === '' ? path : short;
}
