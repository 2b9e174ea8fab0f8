/** GGUF metadata as llama.cpp's converter writes it (convert_hf_to_gguf.py, conversion/llama.py). */
import type { BytePairVocabulary } from '../../folder/vocabulary.js';
import type { GgufValue } from '../../gguf/values.js';
import type { LlamaFacts } from './from-gguf.js';

/** llama.cpp's LLAMA_FTYPE of a file whose matrices are of one type. */
const FILE_TYPES = { F32: 0, F16: 1, BF16: 32 };
/** llama.cpp's token types: normal, control, unused. */
const [NORMAL, CONTROL, UNUSED] = [1, 3, 5];

export const int = (value: number): GgufValue => ({ type: 'uint32', value });
export const float = (value: number): GgufValue => ({ type: 'float32', value });
const text = (value: string): GgufValue => ({ type: 'string', value });

export function llamaMetadata(facts: LlamaFacts, name: string, type: keyof typeof FILE_TYPES): Record<string, GgufValue> {
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

export function generalMetadata(architecture: string, name: string, type: keyof typeof FILE_TYPES): Record<string, GgufValue> {
  return {
    'general.architecture': text(architecture),
    'general.name': text(name),
    'general.file_type': int(FILE_TYPES[type]),
  };
}

/** Byte-level pairs with llama.cpp's `smollm` pre-tokenizer: single digits, then GPT-2's pattern. */
export function vocabularyMetadata(vocabulary: BytePairVocabulary): Record<string, GgufValue> {
  const special = new Set(vocabulary.special_tokens.map(({ id }) => id));
  const typeOf = (token: string, id: number) => (special.has(id) ? CONTROL : /^\[PAD\d+\]$/.test(token) ? UNUSED : NORMAL) as number;
  return {
    'tokenizer.ggml.model': text('gpt2'),
    'tokenizer.ggml.pre': text('smollm'),
    'tokenizer.ggml.add_space_prefix': { type: 'bool', value: false },
    'tokenizer.ggml.add_bos_token': { type: 'bool', value: false },
    'tokenizer.ggml.tokens': { type: 'array', of: 'string', value: vocabulary.tokens },
    'tokenizer.ggml.token_type': { type: 'array', of: 'int32', value: vocabulary.tokens.map(typeOf) },
    'tokenizer.ggml.merges': { type: 'array', of: 'string', value: vocabulary.merges },
    'tokenizer.ggml.bos_token_id': int(vocabulary.bos_token_id),
    'tokenizer.ggml.eos_token_id': int(vocabulary.end_of_turn_token_id),
    'tokenizer.ggml.unknown_token_id': int(vocabulary.pad_token_id),
    'tokenizer.ggml.padding_token_id': int(vocabulary.pad_token_id),
    'tokenizer.chat_template': text(vocabulary.chat_template),
  };
}
