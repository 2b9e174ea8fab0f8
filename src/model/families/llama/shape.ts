/** Tensors of a Llama-type model (transformers models/llama/modeling_llama.py). */
import { z } from 'zod';
import { issueTexts } from '../../folder/reader.js';
import { attentionShapes, linear, mlpShapes, noBias, plain, type TensorShape } from '../../folder/tensor-shape.js';
import type { FamilyShape } from '../family.js';

export const LlamaConfig = z.object({
  model_type: z.literal('llama'),
  vocab_size: z.int().positive(),
  hidden_size: z.int().positive(),
  intermediate_size: z.int().positive(),
  num_hidden_layers: z.int().positive(),
  num_attention_heads: z.int().positive(),
  num_key_value_heads: z.int().positive(),
  head_dim: z.int().positive().nullish(),
  max_position_embeddings: z.int().positive(),
  tie_word_embeddings: z.boolean().default(false),
  attention_bias: noBias,
  mlp_bias: noBias,
});

function llamaShapes(config: z.infer<typeof LlamaConfig>): TensorShape[] {
  const { vocab_size, hidden_size, intermediate_size, num_hidden_layers } = config;
  const head_dim = config.head_dim ?? hidden_size / config.num_attention_heads;
  const layers = Array.from({ length: num_hidden_layers }, (_, index) => {
    const layer = `model.layers.${index}`;
    return [
      ...attentionShapes(layer, { ...config, head_dim }),
      ...mlpShapes(`${layer}.mlp`, hidden_size, intermediate_size, 'mlp'),
      ...['input_layernorm', 'post_attention_layernorm'].map((name) => plain(`${layer}.${name}.weight`, [hidden_size], 'norm')),
    ];
  });
  return [
    plain('model.embed_tokens.weight', [vocab_size, hidden_size], 'embeddings'),
    ...layers.flat(),
    plain('model.norm.weight', [hidden_size], 'norm'),
    ...(config.tie_word_embeddings ? [] : [linear('lm_head', vocab_size, hidden_size, 'head')]),
  ];
}

export function readLlamaShape(value: unknown): FamilyShape | { problems: string[] } {
  const parsed = LlamaConfig.safeParse(value);
  if (!parsed.success) return { problems: issueTexts(parsed.error) };
  const { max_position_embeddings: context_length, ...config } = parsed.data;
  return { ...config, context_length, tensors: llamaShapes(parsed.data) };
}
