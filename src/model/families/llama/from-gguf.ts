/** config.json and tokenizer files of a Llama-type model, written from what its GGUF says of itself. */
import { metadataReader } from '../../gguf/metadata.js';
import type { GgufFile } from '../../gguf/read.js';

export interface LlamaFacts {
  vocab_size: number;
  hidden_size: number;
  intermediate_size: number;
  num_layers: number;
  num_heads: number;
  num_key_value_heads: number;
  context_length: number;
  rope_theta: number;
  rms_norm_eps: number;
  is_head_tied: boolean;
  bos_token_id: number;
  end_of_turn_token_id: number;
  pad_token_id: number;
  chat_template: string;
  tokens: string[];
  special_tokens: { id: number; text: string }[];
  merges: string[];
}

/** llama.cpp's token type of control tokens (`LLAMA_TOKEN_TYPE_CONTROL`) and user-defined ones. */
const SPECIAL_TOKEN_TYPES = [3, 4];

/** @throws AppError weights-unsupported for a key or tokenizer that is missing */
export function llamaFacts(file: GgufFile): LlamaFacts {
  const { number, list, text, refuse } = metadataReader(file);
  // The pre-tokenizer decides how text is cut; another one would give other ids in silence.
  if (text('tokenizer.ggml.pre') !== 'smollm') refuse(`pre-tokenizer ${text('tokenizer.ggml.pre')}`);
  const chatTemplate = text('tokenizer.chat_template') ?? refuse('no tokenizer.chat_template');
  const tokens = list<string>('tokenizer.ggml.tokens');
  const types = list<number>('tokenizer.ggml.token_type');
  const specialTokens = tokens.map((text, id) => ({ id, text })).filter(({ id }) => SPECIAL_TOKEN_TYPES.includes(Number(types[id])));
  const endOfTurn = number('tokenizer.ggml.eos_token_id');
  const unknown = number('tokenizer.ggml.unknown_token_id');
  // A pad token that is the end-of-turn token would mask the end of turn (facts of TRL: #1623, #2059).
  const pad = unknown !== endOfTurn ? unknown : refuse('no token that can pad: the unknown token ends turns');
  return {
    vocab_size: tokens.length,
    hidden_size: number('llama.embedding_length'),
    intermediate_size: number('llama.feed_forward_length'),
    num_layers: number('llama.block_count'),
    num_heads: number('llama.attention.head_count'),
    num_key_value_heads: number('llama.attention.head_count_kv'),
    context_length: number('llama.context_length'),
    rope_theta: number('llama.rope.freq_base'),
    rms_norm_eps: number('llama.attention.layer_norm_rms_epsilon'),
    is_head_tied: !file.tensors.some((tensor) => tensor.name === 'output.weight'),
    bos_token_id: number('tokenizer.ggml.bos_token_id'),
    end_of_turn_token_id: endOfTurn,
    pad_token_id: pad,
    chat_template: chatTemplate,
    tokens,
    special_tokens: specialTokens,
    merges: list<string>('tokenizer.ggml.merges'),
  };
}

export function transformersConfig(facts: LlamaFacts): object {
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: facts.vocab_size,
    hidden_size: facts.hidden_size,
    intermediate_size: facts.intermediate_size,
    num_hidden_layers: facts.num_layers,
    num_attention_heads: facts.num_heads,
    num_key_value_heads: facts.num_key_value_heads,
    max_position_embeddings: facts.context_length,
    rope_theta: facts.rope_theta,
    rms_norm_eps: facts.rms_norm_eps,
    hidden_act: 'silu',
    tie_word_embeddings: facts.is_head_tied,
    bos_token_id: facts.bos_token_id,
    eos_token_id: facts.end_of_turn_token_id,
    pad_token_id: facts.pad_token_id,
    torch_dtype: 'float32',
  };
}

/** The three tokenizer files, by file name. The pre-tokenizer is llama.cpp's `smollm`: single digits, then GPT-2's pattern. */
export function tokenizerFiles(facts: LlamaFacts): Record<string, object> {
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  const tokenText = (id: number) => facts.tokens[id] as string;
  return {
    'tokenizer.json': {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: facts.special_tokens.map(({ id, text }) => ({
        id,
        content: text,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      })),
      normalizer: null,
      pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'Digits', individual_digits: true }, byteLevel] },
      post_processor: null,
      decoder: byteLevel,
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: false,
        vocab: Object.fromEntries(facts.tokens.map((text, id) => [text, id])),
        merges: facts.merges.map((merge) => merge.split(' ')),
      },
    },
    'tokenizer_config.json': {
      tokenizer_class: 'PreTrainedTokenizerFast',
      bos_token: tokenText(facts.bos_token_id),
      eos_token: tokenText(facts.end_of_turn_token_id),
      pad_token: tokenText(facts.pad_token_id),
      chat_template: facts.chat_template,
      model_max_length: facts.context_length,
      clean_up_tokenization_spaces: false,
    },
    'generation_config.json': {
      bos_token_id: facts.bos_token_id,
      eos_token_id: facts.end_of_turn_token_id,
      pad_token_id: facts.pad_token_id,
    },
  };
}
