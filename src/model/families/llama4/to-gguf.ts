/** Llama 4's text model from a Transformers folder as float32 GGUF (llama.cpp conversion/llama.py). */
import { z } from 'zod';
import type { FolderReader } from '../../folder/reader.js';
import type { StoredTensor } from '../../folder/safetensors.js';
import { type BytePairVocabulary, readVocabulary } from '../../folder/vocabulary.js';
import type { GgufValue } from '../../gguf/values.js';
import type { TensorToWrite } from '../../gguf/write.js';
import type { FolderGguf } from '../family.js';
import { float, generalMetadata, int, vocabularyMetadata } from '../metadata.js';
import { isVisionTensor, RopeParameters, readFloats, sizeMetadata, textOf } from '../text-to-gguf.js';
import { llama4GgufName } from './names.js';
import { Llama4TextConfig } from './shape.js';

/** What llama.cpp has fixed in its code (src/models/llama4.cpp); another value would compute something else in silence. */
const CHUNK = 8192;
const FULL_EVERY = 4;

const Config = z.preprocess(
  textOf,
  Llama4TextConfig.extend({
    rms_norm_eps: z.number(),
    num_experts_per_tok: z.int().positive(),
    no_rope_layers: z.array(z.int()),
    rope_parameters: RopeParameters,
  }),
);

export function llama4AsGguf(reader: FolderReader, name: string): FolderGguf | null {
  const config = reader.read('config.json', Config);
  if (!config) return null;
  const refuse = (problem: string) => reader.refuse('config.json', problem);
  if (config.attention_chunk_size !== CHUNK) refuse(`attention_chunk_size ${config.attention_chunk_size}`);
  const isFull = (layer: number) => (layer + 1) % FULL_EVERY === 0;
  if (config.no_rope_layers.some((hasRope, layer) => (hasRope === 0) !== isFull(layer)))
    refuse('another order of layers without rotary embeddings');
  const vocabulary = readVocabulary(reader, config.vocab_size);
  const tensors = reader.tensors().filter((tensor) => !isVisionTensor(tensor));
  const written = tensors.flatMap((tensor) => ggufTensors(tensor) ?? refuse(`unknown tensor ${tensor.name}`) ?? []);
  if (!vocabulary || reader.problems.length > 0) return null;
  return { type: 'F32', metadata: llama4Metadata(config, vocabulary, name), tensors: written, files: null };
}

function llama4Metadata(config: z.infer<typeof Config>, vocabulary: BytePairVocabulary, name: string): Record<string, GgufValue> {
  return {
    ...generalMetadata('llama4', name, 'F32'),
    ...sizeMetadata('llama4', config),
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

function ggufTensors(tensor: StoredTensor): TensorToWrite[] | null {
  const name = llama4GgufName(tensor.name);
  if (!name) return null;
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
