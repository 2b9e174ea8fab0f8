/** Reading and writing the files of <home>: written once in one stroke, or appended line by line. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { z } from 'zod';
import { AppError } from '../protocol/errors.js';

/** Writes the whole file or nothing: to a temporary name, flushed to disk, then renamed. */
export function writeWhole(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  const file = openSync(temporary, 'w', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

export function writeJson(path: string, value: unknown): void {
  writeWhole(path, `${JSON.stringify(value, null, 2)}\n`);
}

export function readJson<T extends z.ZodType>(path: string, schema: T): z.infer<T> {
  if (!existsSync(path)) throw new AppError('file-not-found', { file: path, folder: dirname(path) });
  return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
}

/** As `readJson`; null for a file that is not there, or that another version of Slipway has written. */
export function readJsonIfKnown<T extends z.ZodType>(path: string, schema: T): z.infer<T> | null {
  if (!existsSync(path)) return null;
  return schema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data ?? null;
}

/** Appends one line and flushes it: a line that was acknowledged survives a crash. */
export function appendLine(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'a', 0o600);
  try {
    writeSync(file, `${JSON.stringify(value)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** All complete lines of a JSONL file; a last line without its newline was being written when the writer died. */
export function readLines<T extends z.ZodType>(path: string, schema: T): z.infer<T>[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.slice(0, -1).map((line) => schema.parse(JSON.parse(line)));
}
