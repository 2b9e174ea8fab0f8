/** What serving needs of a GGUF file beside its weights. */
import { AppError } from '../../protocol/errors.js';
import { gemma3Facts } from '../families/gemma3/from-gguf.js';
import { gemma3GgufName } from '../families/gemma3/names.js';
import { llamaFacts } from '../families/llama/from-gguf.js';
import { ggufName } from '../families/llama/names.js';
import { llama4GgufName } from '../families/llama4/names.js';
import { metadataReader } from './metadata.js';
import type { GgufFile } from './read.js';

export interface GgufServing {
  architecture: 'llama' | 'gemma3' | 'llama4';
  chat_template: string;
  /** Heads whose query and key rows llama.cpp interleaves; null where rows stay as they are. */
  heads: { num_heads: number; num_key_value_heads: number } | null;
}

/** @throws AppError weights-unsupported for another architecture, or without a chat template */
export function ggufServing(file: GgufFile): GgufServing {
  const { text, refuse } = metadataReader(file);
  const architecture = text('general.architecture');
  const template = () => text('tokenizer.chat_template') ?? refuse('no tokenizer.chat_template');
  switch (architecture) {
    case 'llama': {
      const facts = llamaFacts(file);
      return { architecture, chat_template: facts.chat_template, heads: facts };
    }
    case 'gemma3': {
      // Google's own vocabulary has scores; its pretrained models bring no template.
      const isGoogles = text('tokenizer.ggml.model') === 'llama';
      return { architecture, chat_template: isGoogles ? gemma3Facts(file).chat_template : template(), heads: null };
    }
    case 'llama4':
      return { architecture, chat_template: template(), heads: null };
    default:
      throw new AppError('weights-unsupported', { file: file.path, problem: `architecture ${architecture}` });
  }
}

/** The tensor of a module that an adapter is on; null where GGUF has no place for one. */
export function adaptedTensor(architecture: GgufServing['architecture'], module: string): string | null {
  switch (architecture) {
    case 'llama':
      return ggufName(module);
    case 'gemma3':
      return gemma3GgufName(`${module}.weight`);
    case 'llama4':
      return llama4GgufName(`${module}.weight`);
  }
}
