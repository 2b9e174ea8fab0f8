/** What serving needs of a GGUF file beside its weights. */
import type { GgufFile } from '../gguf/read.js';
import { familyOfGguf } from './families.js';
import type { Family, Serving } from './family.js';

export interface GgufServing extends Serving {
  family: Family;
}

/** @throws AppError weights-unsupported for another family, or without a chat template */
export function ggufServing(file: GgufFile): GgufServing {
  const family = familyOfGguf(file);
  return { family, ...family.serving(file) };
}
