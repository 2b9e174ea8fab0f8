/** A Transformers folder of Llama type as GGUF, in the type that its weights have (llama.cpp conversion/llama.py). */

import type { FolderReader } from '../../folder/reader.js';
import { readStoredTensor, type StoredTensor } from '../../folder/safetensors.js';
import { dequantize } from '../../gguf/dequantize.js';
import type { GgufValue } from '../../gguf/values.js';
import type { TensorToWrite } from '../../gguf/write.js';
import type { FolderGguf } from '../family.js';
import { float, generalMetadata, int, vocabularyMetadata } from '../metadata.js';
import { readLlamaFolder } from './from-folder.js';
import { type LlamaFacts, tokenizerFiles, transformersConfig } from './from-gguf.js';
import { ggufTensorName, interleavedHeads, reorderHeadRowBytes } from './names.js';

export function llamaAsGguf(reader: FolderReader, name: string): FolderGguf | null {
  const facts = readLlamaFolder(reader);
  if (!facts) return null;
  const tensors = reader.tensors();
  const type = tensors.some(({ type: stored }) => stored === 'F32') ? 'F32' : (tensors[0] as StoredTensor).type;
  const converted = tensors.flatMap((tensor) => {
    // A tied head is a copy of the embedding.
    if (facts.is_head_tied && tensor.name === 'lm_head.weight') return [];
    return ggufTensor(tensor, facts) ?? reader.refuse('config.json', `unknown tensor ${tensor.name}`) ?? [];
  });
  if (reader.problems.length > 0) return null;
  const files = { 'config.json': transformersConfig(facts), ...tokenizerFiles(facts) };
  return { type, metadata: llamaMetadata(facts, name, type), tensors: converted, files };
}

function ggufTensor(tensor: StoredTensor, facts: LlamaFacts): TensorToWrite | null {
  const name = ggufTensorName(tensor.name);
  if (!name) return null;
  const heads = interleavedHeads(name, facts);
  // llama.cpp wants vectors (norms) as F32.
  const isVector = tensor.shape.length === 1;
  return {
    name,
    shape: tensor.shape,
    type: isVector ? 'F32' : tensor.type,
    read: async () => {
      const bytes = await readStoredTensor(tensor);
      if (isVector) return dequantize(tensor.type, bytes);
      return heads ? reorderHeadRowBytes(bytes, tensor.shape[0] as number, heads, 'gguf') : bytes;
    },
  };
}

function llamaMetadata(facts: LlamaFacts, name: string, type: FolderGguf['type']): Record<string, GgufValue> {
  return {
    ...generalMetadata('llama', name, type),
    'llama.block_count': int(facts.num_layers),
    'llama.context_length': int(facts.context_length),
    'llama.embedding_length': int(facts.hidden_size),
    'llama.feed_forward_length': int(facts.intermediate_size),
    'llama.attention.head_count': int(facts.num_heads),
    'llama.attention.head_count_kv': int(facts.num_key_value_heads),
    'llama.rope.freq_base': float(facts.rope_theta),
    'llama.rope.dimension_count': int(facts.hidden_size / facts.num_heads),
    'llama.attention.layer_norm_rms_epsilon': float(facts.rms_norm_eps),
    'llama.vocab_size': int(facts.vocab_size),
    ...vocabularyMetadata(facts),
  };
}
