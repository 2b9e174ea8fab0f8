/** From config.json alone: a model's tensors and the sizes that a plan depends on. No weight is read. */
import { z } from 'zod';
import { AppError } from '../../protocol/errors.js';
import { Gemma3Config, Gemma3TextConfig, gemma3Shapes, gemma3TextShapes } from '../families/gemma3/shape.js';
import { LlamaConfig, llamaShapes } from '../families/llama/shape.js';
import { Llama4Config, Llama4TextConfig, llama4Shapes, llama4TextShapes } from '../families/llama4/shape.js';
import { numWeightsOf } from '../num-weights.js';
import type { TensorShape } from './tensor-shape.js';

export interface ModelShape {
  family: 'llama' | 'gemma3' | 'llama4';
  tensors: TensorShape[];
  num_parameters: number;
  vocab_size: number;
  hidden_size: number;
  /** The widest that a token passes through in one layer: an MLP, or all experts at once. */
  intermediate_size: number;
  num_hidden_layers: number;
  context_length: number;
  /** Tokens from which rows that are laid end to end would see wrong positions (Llama 4's attention scale). */
  padding_free_limit: number | null;
}

const AnyConfig = z.discriminatedUnion('model_type', [LlamaConfig, Gemma3TextConfig, Gemma3Config, Llama4TextConfig, Llama4Config]);

/** @throws AppError weights-unsupported for another family, or a config that lacks a size */
export function readShape(config: unknown, file: string): ModelShape {
  const parsed = AnyConfig.safeParse(config);
  if (!parsed.success) {
    const problem = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'file'}: ${message}`).join('; ');
    throw new AppError('weights-unsupported', { file, problem });
  }
  const model = parsed.data;
  switch (model.model_type) {
    case 'llama':
      return shapeOf('llama', model, llamaShapes(model), model.intermediate_size, null);
    case 'gemma3_text':
      return shapeOf('gemma3', model, gemma3TextShapes(model), model.intermediate_size, null);
    case 'gemma3':
      return shapeOf('gemma3', model.text_config, gemma3Shapes(model), model.text_config.intermediate_size, null);
    case 'llama4_text':
      return shapeOf('llama4', model, llama4TextShapes(model), llama4Width(model), model.floor_scale);
    case 'llama4':
      return shapeOf('llama4', model.text_config, llama4Shapes(model), llama4Width(model.text_config), model.text_config.floor_scale);
  }
}

/** Transformers sends every token through every expert, and the shared one (modeling_llama4.py, Llama4TextMoe). */
function llama4Width(config: z.infer<typeof Llama4TextConfig>): number {
  return config.intermediate_size * (config.num_local_experts + 1);
}

function shapeOf(
  family: ModelShape['family'],
  text: { vocab_size: number; hidden_size: number; num_hidden_layers: number; max_position_embeddings: number },
  tensors: TensorShape[],
  intermediate_size: number,
  padding_free_limit: number | null,
): ModelShape {
  return {
    family,
    tensors,
    num_parameters: tensors.reduce((sum, { shape }) => sum + numWeightsOf(shape), 0),
    vocab_size: text.vocab_size,
    hidden_size: text.hidden_size,
    intermediate_size,
    num_hidden_layers: text.num_hidden_layers,
    context_length: text.max_position_embeddings,
    padding_free_limit,
  };
}
