/** Reading a Transformers folder's JSON files, each against what Slipway can write. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { AppError } from '../../protocol/errors.js';
import { readSafetensorsHeader, type StoredTensor } from './safetensors.js';

export interface FolderReader {
  folder: string;
  /** @throws AppError file-not-found, weights-unsupported naming the file and all that is wrong with it */
  read: <T extends z.ZodType>(name: string, schema: T) => z.infer<T>;
  /** @throws AppError weights-unsupported */
  refuse: (file: string, problem: string) => never;
  /** @throws AppError weights-unsupported without any */
  tensors: () => StoredTensor[];
}

export function folderReader(folder: string): FolderReader {
  const refuse = (file: string, problem: string): never => {
    throw new AppError('weights-unsupported', { file: join(folder, file), problem });
  };
  return {
    folder,
    refuse,
    read: (name, schema) => {
      const path = join(folder, name);
      if (!existsSync(path)) throw new AppError('file-not-found', { file: path, folder });
      const parsed = schema.safeParse(parseJson(readFileSync(path, 'utf8')));
      if (parsed.success) return parsed.data;
      return refuse(name, parsed.error.issues.map(({ path: place, message }) => `${place.join('.') || 'file'}: ${message}`).join('; '));
    },
    tensors: () => {
      const files = readdirSync(folder)
        .filter((name) => name.endsWith('.safetensors'))
        .sort();
      const tensors = files.flatMap((name) => readSafetensorsHeader(join(folder, name)));
      return tensors.length > 0 ? tensors : refuse('model.safetensors', 'no weights');
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
