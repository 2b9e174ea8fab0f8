/** What a GGUF file is as a Transformers model: its files, its tensors' names, and what has to be done to their weights. */
import { AppError } from '../../protocol/errors.js';
import { gemma3Facts, gemma3Files } from '../families/gemma3/from-gguf.js';
import { gemma3TransformersName, isGemma3Norm } from '../families/gemma3/names.js';
import { llamaFacts, tokenizerFiles, transformersConfig } from '../families/llama/from-gguf.js';
import { interleavedHeads, reorderHeadRows, transformersName } from '../families/llama/names.js';
import type { GgufFile } from './read.js';

export interface GgufModel {
  architecture: 'llama' | 'gemma3';
  context_length: number;
  /** config.json and the tokenizer's files, by name. */
  files: () => Record<string, object>;
  /** The tensor's name in Transformers; null for one that the architecture does not have. */
  nameOf: (tensor: string) => string | null;
  /** The weights as Transformers holds them. */
  convert: (tensor: string, shape: number[], weights: Float32Array) => Float32Array;
}

/** @throws AppError weights-unsupported for another architecture, or a key or tokenizer that is missing */
export function ggufModel(file: GgufFile): GgufModel {
  const architecture = file.metadata['general.architecture'];
  switch (architecture) {
    case 'llama': {
      const facts = llamaFacts(file);
      return {
        architecture,
        context_length: facts.context_length,
        files: () => ({ 'config.json': transformersConfig(facts), ...tokenizerFiles(facts) }),
        nameOf: transformersName,
        convert: (tensor, shape, weights) => {
          const heads = interleavedHeads(tensor, facts);
          return heads ? reorderHeadRows(weights, shape, heads, 'transformers') : weights;
        },
      };
    }
    case 'gemma3': {
      const facts = gemma3Facts(file);
      return {
        architecture,
        context_length: facts.context_length,
        files: () => gemma3Files(facts),
        nameOf: gemma3TransformersName,
        // llama.cpp holds norms with the 1 added that Transformers adds itself (conversion/gemma.py, norm_shift).
        convert: (tensor, _, weights) => (isGemma3Norm(tensor) ? weights.map((weight) => weight - 1) : weights),
      };
    }
    default:
      throw new AppError('weights-unsupported', { file: file.path, problem: `architecture ${String(architecture)}` });
  }
}
