/** What a Transformers folder of Llama type says of itself: config.json, tokenizer.json and tokenizer_config.json. */
import { z } from 'zod';
import type { FolderReader } from '../../folder/reader.js';
import { readVocabulary } from '../../folder/vocabulary.js';
import type { LlamaFacts } from './from-gguf.js';
import { LlamaConfig } from './shape.js';

/** Transformers 5 writes `rope_parameters`, earlier ones `rope_theta`; without either, 10,000 is Llama's own (configuration_llama.py). */
const RopeParameters = z.object({
  rope_type: z.literal('default', 'scaled rotary embeddings are not written').default('default'),
  rope_theta: z.number().positive(),
});
const DEFAULT_ROPE_THETA = 10_000;

const Config = LlamaConfig.extend({
  model_type: z.literal('llama', 'only Llama-type models can be read from a folder'),
  rope_theta: z.number().positive().optional(),
  rope_parameters: RopeParameters.nullish(),
  rms_norm_eps: z.number().positive(),
  hidden_act: z.literal('silu').default('silu'),
  attention_bias: z.literal(false, 'attention with biases is not written').default(false),
  mlp_bias: z.literal(false, 'an MLP with biases is not written').default(false),
  rope_scaling: z.null('scaled rotary embeddings are not written').default(null),
});

/** Null with the reader's problems: all that is not as Slipway can write it. @throws AppError file-not-found */
export function readLlamaFolder(reader: FolderReader): LlamaFacts | null {
  const config = reader.read('config.json', Config);
  if (!config) return null;
  const headDim = config.hidden_size / config.num_attention_heads;
  if (config.head_dim && config.head_dim !== headDim)
    return reader.refuse('config.json', `head_dim ${config.head_dim} is not hidden_size / num_attention_heads (${headDim})`);
  const vocabulary = readVocabulary(reader, config.vocab_size);
  return (
    vocabulary && {
      ...vocabulary,
      vocab_size: config.vocab_size,
      hidden_size: config.hidden_size,
      intermediate_size: config.intermediate_size,
      num_layers: config.num_hidden_layers,
      num_heads: config.num_attention_heads,
      num_key_value_heads: config.num_key_value_heads,
      context_length: config.max_position_embeddings,
      rope_theta: config.rope_parameters?.rope_theta ?? config.rope_theta ?? DEFAULT_ROPE_THETA,
      rms_norm_eps: config.rms_norm_eps,
      is_head_tied: config.tie_word_embeddings,
    }
  );
}
