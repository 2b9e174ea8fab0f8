/** Typed access to a GGUF file's metadata. */
import { AppError } from '../../protocol/errors.js';
import type { GgufFile } from './read.js';

export interface MetadataReader {
  number: (key: string, otherwise?: number) => number;
  list: <T>(key: string) => T[];
  text: (key: string) => string | null;
  /** @throws AppError weights-unsupported */
  refuse: (problem: string) => never;
}

/** Each reader throws AppError weights-unsupported naming the key that is missing or of another type. */
export function metadataReader(file: GgufFile): MetadataReader {
  const { metadata } = file;
  const refuse = (problem: string): never => {
    throw new AppError('weights-unsupported', { file: file.path, problem });
  };
  return {
    refuse,
    number: (key, otherwise) => {
      const value = metadata[key];
      if (typeof value === 'number' || typeof value === 'bigint') return Number(value);
      return otherwise ?? refuse(`no ${key}`);
    },
    list: <T>(key: string) => (Array.isArray(metadata[key]) ? (metadata[key] as T[]) : refuse(`no ${key}`)),
    text: (key) => (typeof metadata[key] === 'string' ? metadata[key] : null),
  };
}
