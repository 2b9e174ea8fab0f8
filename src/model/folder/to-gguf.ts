/** Text models of Gemma 3 and Llama 4 from a Transformers folder as float32 GGUF (llama.cpp conversion/gemma.py, conversion/llama.py). */
import { z } from 'zod';
import { gemma3GgufName, isGemma3Norm } from '../families/gemma3/names.js';
import { Gemma3TextConfig } from '../families/gemma3/shape.js';
import { float, generalMetadata, int, vocabularyMetadata } from '../families/llama/to-gguf.js';
import { llama4GgufName } from '../families/llama4/names.js';
import { Llama4TextConfig } from '../families/llama4/shape.js';
import { dequantize } from '../gguf/dequantize.js';
import type { GgufValue } from '../gguf/values.js';
import type { TensorToWrite } from '../gguf/write.js';
import { folderReader } from './reader.js';
import { readStoredTensor, type StoredTensor } from './safetensors.js';
import { type BytePairVocabulary, readVocabulary } from './vocabulary.js';

/** What llama.cpp has fixed in its code (src/models/llama4.cpp, gemma3.cpp); another value would compute something else in silence. */
const LLAMA4_CHUNK = 8192;
const LLAMA4_FULL_EVERY = 4;
const GEMMA3_FULL_EVERY = 6;

const RopeParameters = z.object({ rope_type: z.literal('default', 'scaled rotary embeddings are not written'), rope_theta: z.number() });
const Gemma3 = Gemma3TextConfig.extend({
  sliding_window: z.int().positive(),
  query_pre_attn_scalar: z.number(),
  rms_norm_eps: z.number(),
  layer_types: z.array(z.string()),
  rope_parameters: z.object({ full_attention: RopeParameters, sliding_attention: RopeParameters }),
});
const Llama4 = Llama4TextConfig.extend({
  rms_norm_eps: z.number(),
  num_experts_per_tok: z.int().positive(),
  no_rope_layers: z.array(z.int()),
  rope_parameters: RopeParameters,
});
/** A wrapper's text model stands in `text_config`. */
const textOf = (value: unknown) => (value as { text_config?: object } | null)?.text_config ?? value;
const TextConfig = z.preprocess(textOf, z.discriminatedUnion('model_type', [Gemma3, Llama4]));

export interface FolderGguf {
  metadata: Record<string, GgufValue>;
  tensors: TensorToWrite[];
}

/** @throws AppError file-not-found, weights-unsupported naming what cannot be written */
export function folderGguf(folder: string, name: string): FolderGguf {
  const reader = folderReader(folder);
  const config = reader.read('config.json', TextConfig);
  const refuse = (problem: string) => reader.refuse('config.json', problem);
  const vocabulary = readVocabulary(reader, config.vocab_size);
  const text = reader.tensors().filter((tensor) => !/vision_tower|vision_model|multi_modal_projector/.test(tensor.name));
  if (config.model_type === 'gemma3_text') {
    const isFull = (layer: number) => (layer + 1) % GEMMA3_FULL_EVERY === 0;
    if (config.layer_types.some((type, layer) => (type === 'full_attention') !== isFull(layer))) refuse('another order of windowed layers');
    if (config.query_pre_attn_scalar !== config.head_dim) refuse('query_pre_attn_scalar is not head_dim');
    return { metadata: gemma3Metadata(config, vocabulary, name), tensors: text.flatMap((tensor) => gemma3Tensor(tensor, refuse)) };
  }
  if (config.attention_chunk_size !== LLAMA4_CHUNK) refuse(`attention_chunk_size ${config.attention_chunk_size}`);
  const isFull = (layer: number) => (layer + 1) % LLAMA4_FULL_EVERY === 0;
  if (config.no_rope_layers.some((hasRope, layer) => (hasRope === 0) !== isFull(layer)))
    refuse('another order of layers without rotary embeddings');
  return { metadata: llama4Metadata(config, vocabulary, name), tensors: text.flatMap((tensor) => llama4Tensors(tensor, refuse)) };
}

/** Keys that both have. */
function sizes(architecture: string, config: z.infer<typeof Gemma3> | z.infer<typeof Llama4>): Record<string, GgufValue> {
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

function gemma3Metadata(config: z.infer<typeof Gemma3>, vocabulary: BytePairVocabulary, name: string): Record<string, GgufValue> {
  return {
    ...generalMetadata('gemma3', name, 'F32'),
    ...sizes('gemma3', config),
    'gemma3.feed_forward_length': int(config.intermediate_size),
    'gemma3.rope.freq_base': float(config.rope_parameters.full_attention.rope_theta),
    'gemma3.rope.freq_base_swa': float(config.rope_parameters.sliding_attention.rope_theta),
    'gemma3.attention.sliding_window': int(config.sliding_window),
    ...vocabularyMetadata(vocabulary),
  };
}

function llama4Metadata(config: z.infer<typeof Llama4>, vocabulary: BytePairVocabulary, name: string): Record<string, GgufValue> {
  return {
    ...generalMetadata('llama4', name, 'F32'),
    ...sizes('llama4', config),
    'llama4.feed_forward_length': int(config.intermediate_size_mlp),
    'llama4.expert_feed_forward_length': int(config.intermediate_size),
    'llama4.expert_count': int(config.num_local_experts),
    'llama4.expert_used_count': int(config.num_experts_per_tok),
    'llama4.interleave_moe_layer_step': int(config.interleave_moe_layer_step),
    'llama4.rope.freq_base': float(config.rope_parameters.rope_theta),
    'llama4.rope.dimension_count': int(config.head_dim),
    'llama4.vocab_size': int(config.vocab_size),
    ...vocabularyMetadata(vocabulary),
  };
}

const readFloats = async (tensor: StoredTensor) => dequantize(tensor.type, await readStoredTensor(tensor));

function gemma3Tensor(tensor: StoredTensor, refuse: (problem: string) => never): TensorToWrite[] {
  // The head is a copy of the embedding.
  if (tensor.name.endsWith('lm_head.weight')) return [];
  const name = gemma3GgufName(tensor.name) ?? refuse(`unknown tensor ${tensor.name}`);
  const read = async () => {
    const weights = await readFloats(tensor);
    // Gemma3RMSNorm adds 1 to its weight, llama.cpp does not.
    return isGemma3Norm(name) ? weights.map((weight) => weight + 1) : weights;
  };
  return [{ name, shape: tensor.shape, read }];
}

function llama4Tensors(tensor: StoredTensor, refuse: (problem: string) => never): TensorToWrite[] {
  const name = llama4GgufName(tensor.name) ?? refuse(`unknown tensor ${tensor.name}`);
  if (tensor.shape.length < 3) return [{ name, shape: tensor.shape, read: () => readFloats(tensor) }];
  const [experts, into, out] = tensor.shape as [number, number, number];
  // Fused experts are [experts, in, out]; llama.cpp has each transposed, and gate and up apart.
  const part = (partName: string, from: number, size: number): TensorToWrite => ({
    name: partName,
    shape: [experts, size, into],
    read: async () => transposedColumns(await readFloats(tensor), { experts, into, out, from, size }),
  });
  if (!tensor.name.endsWith('gate_up_proj')) return [part(name, 0, out)];
  return [part(name.replace('gate_up', 'gate'), 0, out / 2), part(name.replace('gate_up', 'up'), out / 2, out / 2)];
}

function transposedColumns(
  weights: Float32Array,
  cut: { experts: number; into: number; out: number; from: number; size: number },
): Float32Array {
  const { experts, into, out, from, size } = cut;
  const result = new Float32Array(experts * size * into);
  for (let expert = 0; expert < experts; expert++) {
    for (let column = 0; column < size; column++) {
      for (let row = 0; row < into; row++) {
        result[(expert * size + column) * into + row] = weights[(expert * into + row) * out + from + column] as number;
      }
    }
  }
  return result;
}
