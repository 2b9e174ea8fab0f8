/** Reading a Transformers folder's JSON files, each against what Slipway can write; all that is in the way is collected. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { AppError } from '../../protocol/errors.js';
import { readSafetensorsHeader, type StoredTensor } from './safetensors.js';

export interface FolderReader {
  folder: string;
  /** What is in the way so far, with the place. */
  problems: string[];
  /** Null with a problem for a file that does not fit. @throws AppError file-not-found */
  read: <T extends z.ZodType>(name: string, schema: T) => z.infer<T> | null;
  /** Adds a problem of a file. */
  refuse: (file: string, problem: string) => null;
  /** @throws AppError weights-unsupported for files that are no safetensors, or without any */
  tensors: () => StoredTensor[];
}

export function folderReader(folder: string): FolderReader {
  const problems: string[] = [];
  const refuse = (file: string, problem: string) => {
    problems.push(`${join(folder, file)}: ${problem}`);
    return null;
  };
  return {
    folder,
    problems,
    refuse,
    read: (name, schema) => {
      const path = join(folder, name);
      if (!existsSync(path)) throw new AppError('file-not-found', { file: path, folder });
      const parsed = schema.safeParse(parseJson(readFileSync(path, 'utf8')));
      return parsed.success ? parsed.data : refuse(name, issueTexts(parsed.error).join('; '));
    },
    tensors: () => {
      const tensors = shardsOf(folder).flatMap((name) => readSafetensorsHeader(join(folder, name)));
      if (tensors.length === 0)
        throw new AppError('weights-unsupported', { file: join(folder, 'model.safetensors'), problem: 'no weights' });
      return tensors;
    },
  };
}

/** Names of the files that hold a folder's weights. */
export function shardsOf(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.safetensors'))
    .sort();
}

/** `field: message` of each issue. */
export function issueTexts(error: z.ZodError): string[] {
  return error.issues.map(({ path, message }) => `${path.join('.') || 'file'}: ${message}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
