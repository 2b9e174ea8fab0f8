/** What serving needs of a GGUF file beside its weights. */
import type { GgufFile } from '../gguf/read.js';
import { familyOfGguf } from './families.js';
import type { Family, Serving } from './family.js';

export interface GgufServing extends Serving {
  family: Family;
  /** Whether its file says how the states of a text become one vector. */
  has_embeddings: boolean;
}

/** Mean, first token, last token; 0 is none, 4 ranks (llama.h, enum llama_pooling_type). */
const POOLING_TYPES = [1, 2, 3];

/** @throws AppError weights-unsupported for another family, or without a chat template */
export function ggufServing(file: GgufFile): GgufServing {
  const family = familyOfGguf(file);
  const pooling = Number(file.metadata[`${file.metadata['general.architecture']}.pooling_type`] ?? 0);
  return { family, has_embeddings: POOLING_TYPES.includes(pooling), ...family.serving(file) };
}
