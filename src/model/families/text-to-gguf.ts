/** What text models of Gemma 3 and Llama 4 share when a Transformers folder is written as float32 GGUF. */
import { z } from 'zod';
import { readStoredTensor, type StoredTensor } from '../folder/safetensors.js';
import { dequantize } from '../gguf/dequantize.js';
import type { GgufValue } from '../gguf/values.js';
import { float, int } from './metadata.js';

export const RopeParameters = z.object({
  rope_type: z.literal('default', 'scaled rotary embeddings are not written'),
  rope_theta: z.number(),
});

/** A wrapper has its text model in `text_config`. */
export const textOf = (value: unknown) => (value as { text_config?: object } | null)?.text_config ?? value;

export const isVisionTensor = ({ name }: StoredTensor) => /vision_tower|vision_model|multi_modal_projector/.test(name);

export const readFloats = async (tensor: StoredTensor) => dequantize(tensor.type, await readStoredTensor(tensor));

export interface TextSizes {
  num_hidden_layers: number;
  max_position_embeddings: number;
  hidden_size: number;
  num_attention_heads: number;
  num_key_value_heads: number;
  head_dim: number;
  rms_norm_eps: number;
}

export function sizeMetadata(architecture: string, config: TextSizes): Record<string, GgufValue> {
  return {
    [`${architecture}.block_count`]: int(config.num_hidden_layers),
    [`${architecture}.context_length`]: int(config.max_position_embeddings),
    [`${architecture}.embedding_length`]: int(config.hidden_size),
    [`${architecture}.attention.head_count`]: int(config.num_attention_heads),
    [`${architecture}.attention.head_count_kv`]: int(config.num_key_value_heads),
    [`${architecture}.attention.key_length`]: int(config.head_dim),
    [`${architecture}.attention.value_length`]: int(config.head_dim),
    [`${architecture}.attention.layer_norm_rms_epsilon`]: float(config.rms_norm_eps),
  };
}
