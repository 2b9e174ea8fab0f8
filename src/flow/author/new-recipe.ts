/** A data file profiled: its format, splits and metric; and the recipe and the gate written for it. */
import { existsSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import { chooseMetric } from '../../compare/choose-metric.js';
import { otherColumns, recognizeFormat } from '../../data/formats.js';
import { groupsOf } from '../../data/groups.js';
import { nearDuplicates } from '../../data/overlap.js';
import { readRecords } from '../../data/read-records.js';
import { readRows } from '../../data/read-rows.js';
import { splitRows } from '../../data/split-rows.js';
import type { Splits } from '../../data/splits.js';
import { AppError } from '../../protocol/errors.js';
import type { Row } from '../../protocol/row.js';
import { writeWhole } from '../../store/files.js';
import type { DatasetProfile } from './dataset-profile.js';
import { gateText, recipeText } from './recipe-texts.js';

export interface NewOptions {
  /** A column, or false: rows are independent. Undefined: refused when a column of ids repeats. */
  group?: string | false | undefined;
  name?: string | undefined;
  model: string;
  force: boolean;
  /** Keys of prompts that were opened as test rows before: they stay in test. */
  were_test?: ReadonlySet<string>;
}

/** A name such as `id`, `patient_id`, `clientId`, `site`: rows that share its value may be alike. */
const ID_NAME = /(^|[_\s-])(id|ids|patient|client|customer|site|user|subject|case|account|author|member|group)$/i;
const CAMEL_CASE_ID = /[a-z]Id$/;

/** Writes NAME.yaml and NAME.gate.yaml beside each other. @throws AppError group-unsaid, file-exists, and those of rows */
export async function newRecipe(file: string, options: NewOptions): Promise<{ profile: DatasetProfile; recipe: string; gate: string }> {
  const profile = await profileDataset(resolve(file), options.group, options.were_test);
  const name = options.name ?? basename(file).replace(/\.(jsonl?|ndjson|csv|tsv|parquet)(\.gz)?$/i, '');
  const [recipe, gate] = [resolve(`${name}.yaml`), resolve(`${name}.gate.yaml`)];
  for (const path of options.force ? [] : [recipe, gate]) if (existsSync(path)) throw new AppError('file-exists', { file: path });
  const fromRecipe = relative(dirname(recipe), profile.file) || profile.file;
  writeWhole(recipe, recipeText(profile, { file: fromRecipe, gate: basename(gate), model: options.model }));
  writeWhole(gate, gateText(profile));
  return { profile, recipe, gate };
}

export async function profileDataset(
  file: string,
  asked: string | false | undefined,
  wereTest?: ReadonlySet<string>,
): Promise<DatasetProfile> {
  const values: unknown[] = [];
  // What is no record, or no object, is named by `readRows` below, with its line.
  for await (const read of readRecords(file)) if ('value' in read) values.push(read.value);
  if (values.length === 0) await readRows(file, 'chat');
  const format = recognizeFormat(file, values[0]);
  const records = values.filter((value): value is Record<string, unknown> => value !== null && typeof value === 'object');
  const others = [...new Set(records.flatMap((record) => otherColumns(record, format)))];
  const group = chooseGroup(file, records, others, asked);
  const columns = { group, ignore: others.filter((name) => name !== group) };
  const { rows } = await readRows(file, 'chat', { group: group ?? undefined, ignore: columns.ignore });
  const groups = groupsOf(rows);
  const shares = chooseShares(rows, groups.length);
  return {
    file,
    format,
    rows,
    columns,
    num_groups: groups.length,
    chosen: chooseMetric(rows),
    shares,
    splits: withNearDuplicates(splitRows(rows, shares, wereTest)),
  };
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
function chooseShares(rows: Row[], numGroups: number): { dev: number; test: number } {
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
