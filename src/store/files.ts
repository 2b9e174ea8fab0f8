/** Reading and writing the files of <home>: written once in one stroke, or appended line by line. */
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { z } from 'zod';
import { AppError, type Problem, problemLines } from '../protocol/errors.js';

/** Writes the whole file or nothing: to a temporary name, flushed to disk, then renamed. */
export function writeWhole(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  const file = openSync(temporary, 'w', 0o600);
  try {
    writeAll(file, text);
    fsyncSync(file);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

/** A disk that is nearly full takes a part without an error: the next write tells. */
function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
}

export function writeJson(path: string, value: unknown): void {
  writeWhole(path, jsonText(value));
}

export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** @throws AppError file-not-found; file-unreadable for a file that is damaged, or that another version of Slipway has written */
export function readJson<T extends z.ZodType>(path: string, schema: T): z.infer<T> {
  if (!existsSync(path)) throw new AppError('file-not-found', { file: path, folder: dirname(path) });
  return parseJson(path, 1, readFileSync(path, 'utf8'), schema);
}

/** As `readJson`; null for a file that is not there or cannot be read. */
export function readJsonIfKnown<T extends z.ZodType>(path: string, schema: T): z.infer<T> | null {
  return existsSync(path) ? ifReadable(() => readJson(path, schema)) : null;
}

/** The record in each folder of a folder; those that cannot be read by their names: one that is damaged hides no other. */
export function readRecords<T extends z.ZodType>(
  folder: string,
  fileOf: (folder: string) => string,
  schema: T,
): { records: z.infer<T>[]; unreadable: string[] } {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => existsSync(fileOf(join(folder, name)))) : [];
  const read = names.map((name) => ({ name, record: readJsonIfKnown(fileOf(join(folder, name)), schema) }));
  return {
    records: read.flatMap(({ record }) => (record === null ? [] : [record])),
    unreadable: read.flatMap(({ name, record }) => (record === null ? [name] : [])),
  };
}

/** What `read` returns; null where it meets a file that cannot be read. */
export function ifReadable<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof AppError && error.code === 'file-unreadable') return null;
    throw error;
  }
}

/**
 * Appends one line and flushes it: a line that was acknowledged survives a crash. What a crash has left of a line before it
 * is cut off and said, and what a full disk takes of this one is taken back.
 */
export function appendLine(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'a+', 0o600);
  try {
    const end = cutTornLine(file, path);
    try {
      writeAll(file, `${JSON.stringify(value)}\n`);
    } catch (error) {
      ftruncateSync(file, end);
      throw error;
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** A last line without its end was never acknowledged: its writer died. @returns where the next line begins */
function cutTornLine(file: number, path: string): number {
  const { size } = fstatSync(file);
  const last = Buffer.alloc(1);
  if (size === 0 || (readSync(file, last, 0, 1, size - 1) === 1 && last[0] === NEWLINE)) return size;
  const end = readFileSync(path).lastIndexOf(NEWLINE) + 1;
  ftruncateSync(file, end);
  process.stderr.write(`slipway: cut off a half-written last line of ${path} (${size - end} bytes)\n`);
  return end;
}

const NEWLINE = 10;

/**
 * All complete lines of a JSONL file; a last line without its newline was being written when the writer died.
 * @throws AppError file-unreadable
 */
export function readLines<T extends z.ZodType>(path: string, schema: T): z.infer<T>[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.slice(0, -1).map((line, index) => parseJson(path, index + 1, line, schema));
}

/** The complete lines of a file that grows, from a position on; a last line that is still being written is left for the next time. */
export function completeLinesFrom(path: string, position: number): string {
  if (!existsSync(path)) return '';
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(file).size - position));
    readSync(file, bytes, 0, bytes.length, position);
    return bytes.toString('utf8', 0, bytes.lastIndexOf(NEWLINE) + 1);
  } finally {
    closeSync(file);
  }
}

function parseJson<T extends z.ZodType>(file: string, line: number, text: string, schema: T): z.infer<T> {
  const unreadable = (problems: Problem[]) => new AppError('file-unreadable', { file, problems: problemLines(problems) });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw unreadable([{ file, line, field: '', problem: (error as SyntaxError).message }]);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw unreadable(parsed.error.issues.map(({ path, message }) => ({ file, line, field: path.join('.'), problem: message })));
}
