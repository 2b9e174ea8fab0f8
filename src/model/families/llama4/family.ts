/** Llama 4, text class and image wrapper. */
import { metadataReader } from '../../gguf/metadata.js';
import type { Family } from '../family.js';
import { withBos } from '../with-bos.js';
import { llama4GgufName } from './names.js';
import { readLlama4Shape } from './shape.js';
import { llama4AsGguf } from './to-gguf.js';

export const LLAMA4: Family = {
  name: 'llama4',
  model_types: ['llama4_text', 'llama4'],
  readShape: readLlama4Shape,
  serving: (file) => {
    const { text, number, list, refuse } = metadataReader(file);
    const template = text('tokenizer.chat_template') ?? refuse('no tokenizer.chat_template');
    const bos = list<string>('tokenizer.ggml.tokens')[number('tokenizer.ggml.bos_token_id')];
    return { chat_template: withBos(template, bos ?? refuse('no such token as its bos_token_id')), heads: null };
  },
  adaptedTensor: (module) => llama4GgufName(`${module}.weight`),
  asTransformers: null,
  asGguf: llama4AsGguf,
};
