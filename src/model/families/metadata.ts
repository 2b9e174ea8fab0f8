/** GGUF metadata that every family has, as llama.cpp's converter writes it (convert_hf_to_gguf.py). */
import type { BytePairVocabulary } from '../folder/vocabulary.js';
import type { GgufValue } from '../gguf/values.js';

/** llama.cpp's LLAMA_FTYPE of a file whose matrices are of one type. */
const FILE_TYPES = { F32: 0, F16: 1, BF16: 32 };
/** llama.cpp's token types: normal, control, unused. */
const [NORMAL, CONTROL, UNUSED] = [1, 3, 5];

export const int = (value: number): GgufValue => ({ type: 'uint32', value });
export const float = (value: number): GgufValue => ({ type: 'float32', value });
const text = (value: string): GgufValue => ({ type: 'string', value });

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
