/** Llama and what is built like it. */
import type { Family } from '../family.js';
import { withBos } from '../with-bos.js';
import { llamaFacts, tokenizerFiles, transformersConfig } from './from-gguf.js';
import { ggufName, interleavedHeads, reorderHeadRows, transformersName } from './names.js';
import { readLlamaShape } from './shape.js';
import { llamaAsGguf } from './to-gguf.js';

export const LLAMA: Family = {
  name: 'llama',
  model_types: ['llama'],
  readShape: readLlamaShape,
  serving: (file) => {
    const { chat_template, tokens, bos_token_id, num_heads, num_key_value_heads } = llamaFacts(file);
    return { chat_template: withBos(chat_template, tokens[bos_token_id] as string), heads: { num_heads, num_key_value_heads } };
  },
  adaptedTensor: ggufName,
  asTransformers: (file) => {
    const facts = llamaFacts(file);
    return {
      context_length: facts.context_length,
      files: () => ({ 'config.json': transformersConfig(facts), ...tokenizerFiles(facts) }),
      nameOf: transformersName,
      convert: (tensor, shape, weights) => {
        const heads = interleavedHeads(tensor, facts);
        return heads ? reorderHeadRows(weights, shape, heads, 'transformers') : weights;
      },
    };
  },
  asGguf: llamaAsGguf,
};
