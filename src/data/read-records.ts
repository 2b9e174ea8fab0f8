/** Records of a file or a folder in order: JSONL, JSON, CSV and Parquet, gzipped or not. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { AppError } from '../protocol/errors.js';
import { csvRecords } from './csv-records.js';
import type { RecordOrProblem } from './data-record.js';
import { dialectOf, type SaidDialect } from './dialect.js';
import type { Encoding } from './encodings.js';
import { parseJson } from './parse-json.js';
import { openBytes, openText, readLines } from './read-lines.js';

/** A JSON array is read whole, and Node's strings end at 512 MiB. JSONL has no such limit. */
const MAX_ARRAY_BYTES = 400_000_000;
/** Rows of a Parquet file that are in memory at once. */
const PARQUET_ROWS = 1000;
const ENDINGS = /\.(jsonl|ndjson|json|csv|tsv|parquet)(\.gz)?$/;
/** Files beside rows that nobody takes for rows; `complete` is the mark of a data set that was fetched (store/home.ts). */
const NO_DATA = /^\.|^complete$|^(README|LICENSE|LICENCE|NOTICE)(\.\w+)?$|\.(md|txt|ya?ml)$/i;

/** @throws AppError file-not-found, data-limit for a JSON array that is too large; a bad record is a problem among the others */
export async function* readRecords(path: string, said: SaidDialect = {}): AsyncGenerator<RecordOrProblem> {
  for (const file of dataFiles(path)) {
    const name = basename(file).replace(/\.gz$/, '');
    if (file !== path && !ENDINGS.test(basename(file)))
      yield { file, line: 0, problem: 'its ending is that of no data file: remove it, or rename it' };
    else if (name.endsWith('.parquet')) yield* parquetRecords(file);
    else {
      const { encoding, delimiter } = await dialectOf(file, said);
      if (delimiter === null) yield* jsonRecords(file, encoding);
      else yield* csvRecords(file, { delimiter, encoding });
    }
  }
}

/**
 * The file, or the folder's files in the order of their names, but those that nobody takes for rows.
 * @throws AppError file-not-found, data-empty, file-not-regular for a pipe or a device, which may never end
 */
export function dataFiles(path: string): string[] {
  if (!existsSync(path)) throw new AppError('file-not-found', { file: path, folder: dirname(path) });
  const found = statSync(path);
  if (!found.isDirectory()) {
    if (!found.isFile()) throw new AppError('file-not-regular', { file: path });
    return [path];
  }
  const names = readdirSync(path).filter((name) => !NO_DATA.test(name) && !statSync(join(path, name)).isDirectory());
  if (!names.some((name) => ENDINGS.test(name))) throw new AppError('data-empty', { file: path });
  return names.sort().flatMap((name) => dataFiles(join(path, name)));
}

async function* jsonRecords(file: string, encoding: Encoding): AsyncGenerator<RecordOrProblem> {
  if (await isArray(file)) {
    yield* arrayRecords(file, encoding);
    return;
  }
  let last: RecordOrProblem | null = null;
  for await (const read of readLines(file, encoding)) {
    if ('problem' in read) {
      yield { file, ...read };
      continue;
    }
    if (read.text.trim() === '') continue;
    if (last) yield last;
    const parsed = parseJson(read.text);
    last = { file, line: read.line, ...parsed };
  }
  // Only the last line can be one that a writer did not finish.
  if (last && 'problem' in last && last.problem.startsWith('not JSON')) last.problem += ' (the file ends in the middle of this line?)';
  if (last) yield last;
}

/** Whether the first character that is no space opens a list: a whole array may be on one line. */
async function isArray(file: string): Promise<boolean> {
  try {
    for await (const chunk of openBytes(file)) {
      const start = chunk
        .toString('latin1')
        .replace(/^\xEF\xBB\xBF/, '')
        .trimStart();
      if (start !== '') return start.startsWith('[');
    }
  } catch {
    // A broken archive is reported when it is read.
  }
  return false;
}

async function* arrayRecords(file: string, encoding: Encoding): AsyncGenerator<RecordOrProblem> {
  const pieces: string[] = [];
  let size = 0;
  try {
    for await (const piece of openText(file, encoding)) {
      size += piece.length;
      if (size > MAX_ARRAY_BYTES)
        throw new AppError('data-limit', { file, what: 'its size as one JSON array', limit: `${MAX_ARRAY_BYTES} bytes` });
      pieces.push(piece);
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    yield { file, line: 1, problem: `the file cannot be read on: ${(error as Error).message}` };
    return;
  }
  const parsed = parseJson(pieces.join('').replace(/^\uFEFF/, ''));
  if ('problem' in parsed) yield { file, line: 1, problem: parsed.problem };
  else for (const [index, value] of (parsed.value as unknown[]).entries()) yield { file, line: index + 1, value };
}

async function* parquetRecords(path: string): AsyncGenerator<RecordOrProblem> {
  try {
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file);
    const numRows = Number(metadata.num_rows);
    const inGroups = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
    if (inGroups !== numRows || !Number.isSafeInteger(numRows)) throw new Error(`it says ${numRows} rows, and its parts have ${inGroups}`);
    for (let start = 0; start < numRows; start += PARQUET_ROWS) {
      const rows = await parquetReadObjects({
        file,
        metadata,
        compressors,
        rowStart: start,
        rowEnd: Math.min(numRows, start + PARQUET_ROWS),
      });
      if (rows.length === 0) throw new Error(`it says ${numRows} rows and ends after ${start}`);
      for (const [index, row] of rows.entries()) yield { file: path, line: start + index + 1, value: plain(row) };
    }
  } catch (error) {
    yield { file: path, line: 0, problem: `not a readable Parquet file: ${(error as Error).message}` };
  }
}

/** 64-bit integers as numbers, absent cells as absent keys: as JSON has them. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
  return Object.fromEntries(entries.map(([name, inner]) => [name, plain(inner)]));
}
