/** Reading the three splits of a recipe's data, with rows that two of them share refused. */
import { resolve } from 'node:path';
import { AppError, counted } from '../protocol/errors.js';
import type { RecipeData } from '../protocol/recipe.js';
import type { AnyRow, RowKind, RowOf } from '../protocol/row.js';
import { promptHash } from './prompt-hash.js';
import { readRows, unlearnable } from './read-rows.js';
import { generateIncidentReports } from './sample/incident-reports.js';
import { splitRows } from './split-rows.js';
import type { Splits } from './splits.js';

const MAX_SHOWN_ROWS = 10;

export interface SplitsRequest<K extends RowKind> {
  /** What file names in the recipe are relative to. */
  folder: string;
  /** Of generated rows. */
  seed: number;
  kind: K;
}

/**
 * @throws AppError data-split-overlap when a row of dev or test also occurs in train, or one of test in dev
 */
export async function loadSplits<K extends RowKind>(data: RecipeData, request: SplitsRequest<K>): Promise<Splits<RowOf<K>>> {
  const splits = await readSplits(data, request);
  refuseOverlap('dev', splits.dev, 'train', splits.train);
  refuseOverlap('test', splits.test, 'train', splits.train);
  refuseOverlap('test', splits.test, 'dev', splits.dev);
  return splits;
}

async function readSplits<K extends RowKind>(data: RecipeData, { folder, seed, kind }: SplitsRequest<K>): Promise<Splits<RowOf<K>>> {
  if ('sample' in data) {
    if (kind !== 'chat') throw unlearnable(data.sample, 'chat', kind);
    return generateIncidentReports(seed, data) as Splits<RowOf<K>>;
  }
  if ('file' in data) return splitRows((await readRows(resolve(folder, data.file), kind, data)).rows, data);
  const read = async (file?: string) => (file ? (await readRows(resolve(folder, file), kind)).rows : []);
  return { train: await read(data.train), dev: await read(data.dev), test: await read(data.test) };
}

/** Rows whose prompt also occurs among others, with the number of each in its own split, from 1. */
export function sharedRows(rows: AnyRow[], others: AnyRow[]): { row: number; other: number }[] {
  const known = new Map(others.map((row, index) => [promptHash(row), index + 1]));
  return rows.flatMap((row, index) => {
    const other = known.get(promptHash(row));
    return other ? [{ row: index + 1, other }] : [];
  });
}

function refuseOverlap(split: string, rows: AnyRow[], otherSplit: string, others: AnyRow[]): void {
  const shared = sharedRows(rows, others).map(({ row, other }) => `  ${split} row ${row} is ${otherSplit} row ${other}`);
  if (shared.length === 0) return;
  const more = shared.length > MAX_SHOWN_ROWS ? [`  … and ${shared.length - MAX_SHOWN_ROWS} more`] : [];
  throw new AppError('data-split-overlap', {
    count: counted(shared.length, 'row'),
    split,
    other: otherSplit,
    problems: [...shared.slice(0, MAX_SHOWN_ROWS), ...more].join('\n'),
  });
}
