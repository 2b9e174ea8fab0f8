/** Files of rows that a person can open in the browser: those of the data folders, and those that were dropped into it. */
import {
  closeSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, extname, join, resolve, sep } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../protocol/errors.js';
import { uploadsFolder } from '../../store/home.js';
import { packageRoot } from '../../store/package.js';

const DATA_FILE = /\.(jsonl|ndjson|json|csv|tsv|parquet)(\.gz)?$/i;
/** Rows of this size are trained on for weeks on the machines this page is for; larger sets are folders that a recipe names. */
export const MAX_UPLOAD_BYTES = 2_000_000_000;
const MAX_NAME = 120;

export interface DataFile {
  path: string;
  bytes: number;
  changed_at: string;
}

/** The newest first. */
export function listDataFiles(home: string, folders: string[]): DataFile[] {
  const found = [uploadsFolder(home), ...folders].flatMap((folder) => {
    const names = existsSync(folder) ? readdirSync(folder).filter((name) => DATA_FILE.test(name)) : [];
    return names.flatMap((name) => {
      const path = resolve(folder, name);
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat?.isFile() && !isSettings(path) ? [{ path, bytes: stat.size, changed_at: stat.mtime.toISOString() }] : [];
    });
  });
  return [...new Map(found.map((file) => [file.path, file])).values()].sort((a, b) => (a.changed_at < b.changed_at ? 1 : -1));
}

/** A .json file of rows is a list; one that is an object is a package.json or another file of settings. */
function isSettings(path: string): boolean {
  if (!path.toLowerCase().endsWith('.json')) return false;
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(64);
    readSync(file, bytes);
    return bytes.toString('latin1').trimStart().startsWith('{');
  } finally {
    closeSync(file);
  }
}

/**
 * Links are followed first.
 * @param field what names the file, for the error
 * @param folders where it may lie, beside Slipway's recipes
 * @throws AppError path-forbidden
 */
export function refuseFileElsewhere(field: string, named: string, folders: string[]): void {
  const allowed = [...folders, join(packageRoot(), 'recipes')].map(realPath);
  const file = realPath(named);
  if (allowed.some((one) => file === one || file.startsWith(`${one}${sep}`))) return;
  throw new AppError('path-forbidden', { field, file, folders: folders.join(', '), folder: dirname(file) });
}

function realPath(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}

/**
 * Keeps what a browser sends as a file of its name; where there is one already, a number is added. A connection that breaks leaves nothing.
 * @throws AppError upload-refused for a name that is none of a data file, and for more than MAX_UPLOAD_BYTES
 */
export async function keepUpload(home: string, asked: string, bytes: Readable): Promise<string> {
  const name = (asked.split(/[\\/]/).at(-1) ?? '').replace(/[^\p{L}\p{N}._ -]/gu, '_').slice(-MAX_NAME);
  if (!DATA_FILE.test(name) || name.startsWith('.'))
    throw new AppError('upload-refused', {
      file: asked,
      problem: 'its ending is none of .jsonl, .json, .csv, .tsv and .parquet, with or without .gz',
    });
  const folder = uploadsFolder(home);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const temporary = mkdtempSync(join(folder, '.new-'));
  try {
    const part = join(temporary, name);
    await pipeline(bytes, limited(asked), createWriteStream(part, { mode: 0o600 }));
    const path = freePath(folder, name);
    renameSync(part, path);
    return path;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function limited(file: string): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      const limit = `it is larger than ${MAX_UPLOAD_BYTES / 1e9} GB: put it into a data folder instead`;
      if (seen > MAX_UPLOAD_BYTES) done(new AppError('upload-refused', { file, problem: limit }));
      else done(null, chunk);
    },
  });
}

/** Where a file of that name can be kept: with a number where there is one already. */
export function freeUpload(home: string, name: string): string {
  const folder = uploadsFolder(home);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return freePath(folder, name);
}

function freePath(folder: string, name: string): string {
  const [ending] = DATA_FILE.exec(name) ?? [extname(name)];
  const stem = name.slice(0, name.length - ending.length);
  for (let number = 1; ; number++) {
    const path = join(folder, number === 1 ? name : `${stem}-${number}${ending}`);
    if (!existsSync(path)) return path;
  }
}
