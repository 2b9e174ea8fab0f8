/** Tensors of Llama 4, text class and image wrapper (transformers models/llama4/modeling_llama4.py). */
import { z } from 'zod';
import { issueTexts } from '../../folder/reader.js';
import {
  attentionShapes,
  linear,
  mlpShapes,
  noBias,
  plain,
  type TensorShape,
  vectorPair,
  visionLayerShapes,
} from '../../folder/tensor-shape.js';
import type { FamilyShape } from '../family.js';

/** Defaults are those of Llama4TextConfig. */
export const Llama4TextConfig = z.object({
  model_type: z.literal('llama4_text'),
  vocab_size: z.int().positive().default(202_048),
  hidden_size: z.int().positive().default(5120),
  intermediate_size: z.int().positive().default(8192),
  intermediate_size_mlp: z.int().positive().default(16_384),
  num_hidden_layers: z.int().positive().default(48),
  num_attention_heads: z.int().positive().default(40),
  num_key_value_heads: z.int().positive().default(8),
  head_dim: z.int().positive().default(128),
  num_local_experts: z.int().positive().default(16),
  interleave_moe_layer_step: z.int().positive().default(1),
  moe_layers: z.array(z.int()).nullish(),
  attention_chunk_size: z.int().positive().nullish().default(8192),
  max_position_embeddings: z.int().positive().default(131_072),
  tie_word_embeddings: z.boolean().default(false),
  attention_bias: noBias,
});
type Llama4TextConfig = z.infer<typeof Llama4TextConfig>;

const Llama4Config = z.object({
  model_type: z.literal('llama4'),
  text_config: z.preprocess((value) => ({ model_type: 'llama4_text', ...(value as object) }), Llama4TextConfig),
  vision_config: z.object({
    hidden_size: z.int().positive().default(768),
    intermediate_size: z.int().positive().default(5632),
    num_hidden_layers: z.int().positive().default(34),
    image_size: z.int().positive().default(448),
    patch_size: z.int().positive().default(14),
    vision_output_dim: z.int().positive().default(7680),
    projector_input_dim: z.int().positive().default(4096),
    projector_output_dim: z.int().positive().default(4096),
  }),
});

function llama4TextShapes(config: Llama4TextConfig, prefix = ''): TensorShape[] {
  const { vocab_size, hidden_size, num_hidden_layers } = config;
  const layers = Array.from({ length: num_hidden_layers }, (_, index) => {
    const layer = `${prefix}model.layers.${index}`;
    return [
      ...attentionShapes(layer, config),
      ...(isExpertLayer(config, index)
        ? expertShapes(`${layer}.feed_forward`, config)
        : mlpShapes(`${layer}.feed_forward`, hidden_size, config.intermediate_size_mlp, 'mlp')),
      ...['input_layernorm', 'post_attention_layernorm'].map((name) => plain(`${layer}.${name}.weight`, [hidden_size], 'norm')),
    ];
  });
  return [
    plain(`${prefix}model.embed_tokens.weight`, [vocab_size, hidden_size], 'embeddings'),
    ...layers.flat(),
    plain(`${prefix}model.norm.weight`, [hidden_size], 'norm'),
    ...(config.tie_word_embeddings ? [] : [linear(`${prefix}lm_head`, vocab_size, hidden_size, 'head')]),
  ];
}

function isExpertLayer(config: Llama4TextConfig, index: number): boolean {
  if (config.moe_layers) return config.moe_layers.includes(index);
  return (index + 1) % config.interleave_moe_layer_step === 0;
}

function expertShapes(module: string, config: Llama4TextConfig): TensorShape[] {
  const { hidden_size, intermediate_size, num_local_experts } = config;
  const fused = (name: string, shape: number[]): TensorShape => ({
    name: `${module}.experts.${name}`,
    shape,
    module_class: 'routed experts',
    kind: 'fused',
  });
  return [
    fused('gate_up_proj', [num_local_experts, hidden_size, 2 * intermediate_size]),
    fused('down_proj', [num_local_experts, intermediate_size, hidden_size]),
    linear(`${module}.router`, num_local_experts, hidden_size, 'router'),
    ...mlpShapes(`${module}.shared_expert`, hidden_size, intermediate_size, 'shared expert'),
  ];
}

function llama4Shapes(config: z.infer<typeof Llama4Config>): TensorShape[] {
  const { vision_config: vision, text_config: text } = config;
  const width = vision.hidden_size;
  const part = (name: string, shape: number[]) => plain(`vision_model.${name}`, shape, 'vision');
  const layers = Array.from({ length: vision.num_hidden_layers }, (_, index) =>
    visionLayerShapes(`vision_model.model.layers.${index}`, width, vision.intermediate_size, [
      'input_layernorm',
      'post_attention_layernorm',
    ]),
  );
  return [
    part('class_embedding', [width]),
    part('positional_embedding_vlm', [(vision.image_size / vision.patch_size) ** 2 + 1, width]),
    part('patch_embedding.linear.weight', [width, 3 * vision.patch_size ** 2]),
    ...vectorPair('vision_model.layernorm_pre', width),
    ...vectorPair('vision_model.layernorm_post', width),
    ...layers.flat(),
    part('vision_adapter.mlp.fc1.weight', [vision.projector_input_dim, vision.intermediate_size]),
    part('vision_adapter.mlp.fc2.weight', [vision.projector_output_dim, vision.projector_input_dim]),
    plain('multi_modal_projector.linear_1.weight', [text.hidden_size, vision.vision_output_dim], 'vision'),
    ...llama4TextShapes(text, 'language_model.'),
  ];
}

export function readLlama4Shape(value: unknown): FamilyShape | { problems: string[] } {
  const parsed = z.discriminatedUnion('model_type', [Llama4TextConfig, Llama4Config]).safeParse(value);
  if (!parsed.success) return { problems: issueTexts(parsed.error) };
  const config = parsed.data;
  const text = config.model_type === 'llama4' ? config.text_config : config;
  const { vocab_size, hidden_size, num_hidden_layers, max_position_embeddings: context_length } = text;
  return {
    tensors: config.model_type === 'llama4' ? llama4Shapes(config) : llama4TextShapes(config),
    vocab_size,
    hidden_size,
    // Transformers sends every token through every expert, and the shared one (modeling_llama4.py, Llama4TextMoe).
    intermediate_size: text.intermediate_size * (text.num_local_experts + 1),
    num_hidden_layers,
    context_length,
  };
}
