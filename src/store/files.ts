/** Reading and writing the files of <home>: written once in one stroke, or appended line by line. */
import { closeSync, existsSync, fstatSync, fsyncSync, mkdirSync, openSync, readFileSync, readSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
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
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
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

/** What `read` returns; null where it meets a file that cannot be read. */
export function ifReadable<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof AppError && error.code === 'file-unreadable') return null;
    throw error;
  }
}

/** Appends one line and flushes it: a line that was acknowledged survives a crash. */
export function appendLine(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'a', 0o600);
  try {
    writeAll(file, `${JSON.stringify(value)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

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
    return bytes.toString('utf8', 0, bytes.lastIndexOf(10) + 1);
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
