/** The first records of a file as it has them, before anyone has said what its columns mean. */
import { AppError } from '../protocol/errors.js';
import { isObject } from '../protocol/metrics/record.js';
import type { Columns } from '../protocol/recipe.js';
import { dialectOf, dialectText } from './dialect.js';
import { type Format, recognizeFormat } from './formats.js';
import { guessedColumns } from './guess-columns.js';
import { dataFiles, readRecords } from './read-records.js';
import type { FileReading } from './read-rows.js';

const NUM_SHOWN = 5;

export interface FilePeek {
  /** Encoding and delimiter where they are not what everyone expects. */
  dialect: string | null;
  /** Names of the first records' columns. */
  columns: string[];
  /** Null: its columns are none of a known format. */
  format: Format | null;
  /** Which may hold prompt and answer; null: nothing looks like them. */
  guess: Columns | null;
}

/** @throws AppError file-not-found, data-empty, data-limit */
export async function peekFile(file: string, { encoding, delimiter }: FileReading): Promise<FilePeek> {
  const first: Record<string, unknown>[] = [];
  for await (const read of readRecords(file, { encoding, delimiter })) {
    if ('value' in read && isObject(read.value)) first.push(read.value);
    if (first.length === NUM_SHOWN) break;
  }
  if (first.length === 0) throw new AppError('data-empty', { file });
  return {
    dialect: dialectText(await dialectOf(dataFiles(file)[0] as string, { encoding, delimiter })),
    columns: [...new Set(first.flatMap((record) => Object.keys(record)))],
    format: formatOf(file, first[0]),
    guess: guessedColumns(first[0]),
  };
}

function formatOf(file: string, first: unknown): Format | null {
  try {
    return recognizeFormat(file, first);
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}
