/** Gemma 3, text class and image wrapper. */
import { metadataReader } from '../../gguf/metadata.js';
import type { Family } from '../family.js';
import { gemma3Facts, gemma3Files } from './from-gguf.js';
import { gemma3GgufName, gemma3TransformersName, isGemma3Norm } from './names.js';
import { readGemma3Shape } from './shape.js';
import { gemma3AsGguf } from './to-gguf.js';

export const GEMMA3: Family = {
  name: 'gemma3',
  model_types: ['gemma3_text', 'gemma3'],
  readShape: readGemma3Shape,
  serving: (file) => {
    const { text, refuse } = metadataReader(file);
    // Google's own vocabulary has scores; its pretrained models bring no template.
    const isGoogles = text('tokenizer.ggml.model') === 'llama';
    const template = isGoogles ? gemma3Facts(file).chat_template : text('tokenizer.chat_template');
    return { chat_template: template ?? refuse('no tokenizer.chat_template'), heads: null };
  },
  adaptedTensor: (module) => gemma3GgufName(`${module}.weight`),
  asTransformers: (file) => {
    const facts = gemma3Facts(file);
    return {
      context_length: facts.context_length,
      files: () => gemma3Files(facts),
      nameOf: gemma3TransformersName,
      // llama.cpp holds norms with the 1 added that Transformers adds itself (conversion/gemma.py, norm_shift).
      convert: (tensor, _, weights) => (isGemma3Norm(tensor) ? weights.map((weight) => weight - 1) : weights),
    };
  },
  asGguf: gemma3AsGguf,
};
