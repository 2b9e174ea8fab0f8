/** Gemma 3's text model from a Transformers folder as float32 GGUF (llama.cpp conversion/gemma.py). */
import { z } from 'zod';
import type { FolderReader } from '../../folder/reader.js';
import type { StoredTensor } from '../../folder/safetensors.js';
import { type BytePairVocabulary, readVocabulary } from '../../folder/vocabulary.js';
import type { GgufValue } from '../../gguf/values.js';
import type { TensorToWrite } from '../../gguf/write.js';
import type { FolderGguf } from '../family.js';
import { float, generalMetadata, int, vocabularyMetadata } from '../metadata.js';
import { isVisionTensor, RopeParameters, readFloats, sizeMetadata, textOf } from '../text-to-gguf.js';
import { gemma3GgufName, isGemma3Norm } from './names.js';
import { Gemma3TextConfig } from './shape.js';

/** What llama.cpp has fixed in its code (src/models/gemma3.cpp); another value would compute something else in silence. */
const FULL_EVERY = 6;

const Config = z.preprocess(
  textOf,
  Gemma3TextConfig.extend({
    sliding_window: z.int().positive(),
    query_pre_attn_scalar: z.number(),
    rms_norm_eps: z.number(),
    layer_types: z.array(z.string()),
    rope_parameters: z.object({ full_attention: RopeParameters, sliding_attention: RopeParameters }),
  }),
);

export function gemma3AsGguf(reader: FolderReader, name: string): FolderGguf | null {
  const config = reader.read('config.json', Config);
  if (!config) return null;
  const refuse = (problem: string) => reader.refuse('config.json', problem);
  const isFull = (layer: number) => (layer + 1) % FULL_EVERY === 0;
  if (config.layer_types.some((type, layer) => (type === 'full_attention') !== isFull(layer))) refuse('another order of windowed layers');
  if (config.query_pre_attn_scalar !== config.head_dim) refuse('query_pre_attn_scalar is not head_dim');
  const vocabulary = readVocabulary(reader, config.vocab_size);
  const tensors = reader.tensors().filter((tensor) => !isVisionTensor(tensor));
  const written = tensors.flatMap((tensor) => ggufTensor(tensor) ?? refuse(`unknown tensor ${tensor.name}`) ?? []);
  if (!vocabulary || reader.problems.length > 0) return null;
  return { type: 'F32', metadata: gemma3Metadata(config, vocabulary, name), tensors: written, files: null };
}

function gemma3Metadata(config: z.infer<typeof Config>, vocabulary: BytePairVocabulary, name: string): Record<string, GgufValue> {
  return {
    ...generalMetadata('gemma3', name, 'F32'),
    ...sizeMetadata('gemma3', config),
    'gemma3.feed_forward_length': int(config.intermediate_size),
    'gemma3.rope.freq_base': float(config.rope_parameters.full_attention.rope_theta),
    'gemma3.rope.freq_base_swa': float(config.rope_parameters.sliding_attention.rope_theta),
    'gemma3.attention.sliding_window': int(config.sliding_window),
    ...vocabularyMetadata(vocabulary),
  };
}

function ggufTensor(tensor: StoredTensor): TensorToWrite[] | null {
  // The head is a copy of the embedding.
  if (tensor.name.endsWith('lm_head.weight')) return [];
  const name = gemma3GgufName(tensor.name);
  if (!name) return null;
  const read = async () => {
    const weights = await readFloats(tensor);
    // Gemma3RMSNorm adds 1 to its weight, llama.cpp does not.
    return isGemma3Norm(name) ? weights.map((weight) => weight + 1) : weights;
  };
  return [{ name, shape: tensor.shape, read }];
}
