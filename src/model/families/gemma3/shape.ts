/** Tensors of Gemma 3, text class and image wrapper (transformers models/gemma3/modeling_gemma3.py, models/siglip). */
import { z } from 'zod';
import { issueTexts } from '../../folder/reader.js';
import { attentionShapes, mlpShapes, noBias, plain, type TensorShape, vectorPair, visionLayerShapes } from '../../folder/tensor-shape.js';
import type { FamilyShape } from '../family.js';

/** Defaults are those of Gemma3TextConfig, which config.json leaves out where they hold. */
export const Gemma3TextConfig = z.object({
  model_type: z.literal('gemma3_text'),
  vocab_size: z.int().positive().default(262_208),
  hidden_size: z.int().positive().default(2304),
  intermediate_size: z.int().positive().default(9216),
  num_hidden_layers: z.int().positive().default(26),
  num_attention_heads: z.int().positive().default(8),
  num_key_value_heads: z.int().positive().default(4),
  head_dim: z.int().positive().default(256),
  max_position_embeddings: z.int().positive().default(131_072),
  tie_word_embeddings: z.literal(true, 'a head of its own').default(true),
  attention_bias: noBias,
});
type Gemma3TextConfig = z.infer<typeof Gemma3TextConfig>;

const Gemma3Config = z.object({
  model_type: z.literal('gemma3'),
  text_config: z.preprocess((value) => ({ model_type: 'gemma3_text', ...(value as object) }), Gemma3TextConfig),
  vision_config: z.object({
    hidden_size: z.int().positive().default(768),
    intermediate_size: z.int().positive().default(3072),
    num_hidden_layers: z.int().positive().default(12),
    image_size: z.int().positive().default(224),
    patch_size: z.int().positive().default(16),
    vision_use_head: z.boolean().default(true),
  }),
});

const NORMS = ['input_layernorm', 'post_attention_layernorm', 'pre_feedforward_layernorm', 'post_feedforward_layernorm'];

function gemma3TextShapes(config: Gemma3TextConfig, decoder = 'model'): TensorShape[] {
  const { vocab_size, hidden_size, intermediate_size, num_hidden_layers, head_dim } = config;
  const layers = Array.from({ length: num_hidden_layers }, (_, index) => {
    const layer = `${decoder}.layers.${index}`;
    return [
      ...attentionShapes(layer, config),
      ...['q_norm', 'k_norm'].map((name) => plain(`${layer}.self_attn.${name}.weight`, [head_dim], 'norm')),
      ...mlpShapes(`${layer}.mlp`, hidden_size, intermediate_size, 'mlp'),
      ...NORMS.map((name) => plain(`${layer}.${name}.weight`, [hidden_size], 'norm')),
    ];
  });
  return [
    plain(`${decoder}.embed_tokens.weight`, [vocab_size, hidden_size], 'embeddings'),
    ...layers.flat(),
    plain(`${decoder}.norm.weight`, [hidden_size], 'norm'),
  ];
}

function gemma3Shapes(config: z.infer<typeof Gemma3Config>): TensorShape[] {
  const { vision_config: vision, text_config: text } = config;
  const width = vision.hidden_size;
  const tower = 'model.vision_tower';
  const layers = Array.from({ length: vision.num_hidden_layers }, (_, index) =>
    visionLayerShapes(`${tower}.encoder.layers.${index}`, width, vision.intermediate_size, ['layer_norm1', 'layer_norm2']),
  );
  return [
    plain(`${tower}.embeddings.patch_embedding.weight`, [width, 3, vision.patch_size, vision.patch_size], 'vision'),
    plain(`${tower}.embeddings.patch_embedding.bias`, [width], 'vision'),
    plain(`${tower}.embeddings.position_embedding.weight`, [(vision.image_size / vision.patch_size) ** 2, width], 'vision'),
    ...layers.flat(),
    ...vectorPair(`${tower}.post_layernorm`, width),
    ...(vision.vision_use_head ? poolingHead(`${tower}.head`, width, vision.intermediate_size) : []),
    plain('model.multi_modal_projector.mm_input_projection_weight', [width, text.hidden_size], 'vision'),
    plain('model.multi_modal_projector.mm_soft_emb_norm.weight', [width], 'vision'),
    ...gemma3TextShapes(text, 'model.language_model'),
  ];
}

/** SigLIP's pooling, which the released Gemma 3 models do without. */
function poolingHead(head: string, width: number, intermediate: number): TensorShape[] {
  const part = (name: string, shape: number[]) => plain(`${head}.${name}`, shape, 'vision');
  return [
    part('probe', [1, 1, width]),
    part('attention.in_proj_weight', [3 * width, width]),
    part('attention.in_proj_bias', [3 * width]),
    part('attention.out_proj.weight', [width, width]),
    part('attention.out_proj.bias', [width]),
    ...vectorPair(`${head}.layernorm`, width),
    part('mlp.fc1.weight', [intermediate, width]),
    part('mlp.fc1.bias', [intermediate]),
    part('mlp.fc2.weight', [width, intermediate]),
    part('mlp.fc2.bias', [width]),
  ];
}

export function readGemma3Shape(value: unknown): FamilyShape | { problems: string[] } {
  const parsed = z.discriminatedUnion('model_type', [Gemma3TextConfig, Gemma3Config]).safeParse(value);
  if (!parsed.success) return { problems: issueTexts(parsed.error) };
  const config = parsed.data;
  const text = config.model_type === 'gemma3' ? config.text_config : config;
  const tensors = config.model_type === 'gemma3' ? gemma3Shapes(config) : gemma3TextShapes(config);
  const { vocab_size, hidden_size, intermediate_size, num_hidden_layers, max_position_embeddings: context_length } = text;
  return { tensors, vocab_size, hidden_size, intermediate_size, num_hidden_layers, context_length };
}
