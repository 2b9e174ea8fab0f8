/** Reading the three splits of a recipe's data, with rows that two of them share refused. */
import { resolve } from 'node:path';
import type { RecipeData } from '../protocol/recipe.js';
import type { RowKind, RowOf } from '../protocol/row.js';
import { groupedTest } from './groups.js';
import { type NamedRows, refuseNearDuplicates, refuseOverlap } from './overlap.js';
import { type FileReading, readRows, unlearnable } from './read-rows.js';
import { promptKey } from './row-keys.js';
import { generateIncidentReports } from './sample/incident-reports.js';
import { generateIncidentSummaries, generateLabelledSummaries } from './sample/incident-summaries.js';
import { splitRows } from './split-rows.js';
import type { Splits } from './splits.js';

export interface SplitsRequest<K extends RowKind> {
  /** What file names in the recipe are relative to. */
  folder: string;
  /** Of generated rows. */
  seed: number;
  kind: K;
  /** Keys of prompts that were opened as test rows before. */
  were_test: ReadonlySet<string>;
  allows_near_duplicates: boolean;
}

/**
 * @throws AppError data-split-overlap when a row of dev or test also occurs in train, or one of test in dev; near-duplicates when
 * it does so but for case, digits, spacing or punctuation; group-splits-prompt
 */
export async function loadSplits<K extends RowKind>(data: RecipeData, request: SplitsRequest<K>): Promise<Splits<RowOf<K>>> {
  const read = await readSplits(data, request);
  const splits = { ...read, test: groupedTest(read.test) };
  const [train, dev, test] = (['train', 'dev', 'test'] as const).map((name): NamedRows => ({ name, rows: splits[name] })) as [
    NamedRows,
    NamedRows,
    NamedRows,
  ];
  const pairs: [NamedRows, NamedRows][] = [
    [dev, train],
    [test, train],
    [test, dev],
  ];
  for (const [set, other] of pairs) refuseOverlap(set, other);
  const near_duplicates = pairs.flatMap(([set, other]) => refuseNearDuplicates(set, other, request.allows_near_duplicates));
  return { ...splits, near_duplicates };
}

async function readSplits<K extends RowKind>(data: RecipeData, request: SplitsRequest<K>): Promise<Splits<RowOf<K>>> {
  const { folder, seed, kind, were_test } = request;
  if ('sample' in data) {
    return generatedRows(data, seed, kind) as Splits<RowOf<K>>;
  }
  const read = async (file: string | undefined, reading: FileReading) =>
    file ? (await readRows(resolve(folder, file), kind, reading)).rows : [];
  // Rows that were drawn are of a format of Slipway's own.
  const drawn = data.test_file === undefined ? null : await read(data.test_file, {});
  if (!('file' in data))
    return { train: await read(data.train, data), dev: await read(data.dev, data), test: drawn ?? (await read(data.test, data)) };
  const { rows } = await readRows(resolve(folder, data.file), kind, data);
  const splits = splitRows(rows, data, were_test);
  if (!drawn) return splits;
  // What was test stays out of train: it is measured on no more.
  const taken = new Set(drawn.map(promptKey));
  const rest = (kept: RowOf<K>[]) => kept.filter((row) => !taken.has(promptKey(row)));
  return { ...splits, train: rest(splits.train), dev: rest(splits.dev), test: drawn };
}

/** @throws AppError data-format-unlearnable for a sample that has no rows of the kind */
function generatedRows(data: Extract<RecipeData, { sample: string }>, seed: number, kind: RowKind): Splits {
  switch (data.sample) {
    case 'incident-reports':
      if (kind === 'chat') return generateIncidentReports(seed, data);
      break;
    case 'incident-summaries':
      if (kind === 'preference') return generateIncidentSummaries(seed, data);
      if (kind === 'labelled') return generateLabelledSummaries(seed, data);
  }
  throw unlearnable('the recipe', data.sample, kind);
}
