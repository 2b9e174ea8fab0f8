/** config.json and tokenizer files of Gemma 3's text model, written from what its GGUF says of itself. */
import { metadataReader } from '../../gguf/metadata.js';
import type { GgufFile } from '../../gguf/read.js';
import { sentencePieceTokenizer } from '../../gguf/sentencepiece-tokenizer.js';
import { withBos } from '../with-bos.js';

export interface Gemma3Facts {
  vocab_size: number;
  hidden_size: number;
  intermediate_size: number;
  num_layers: number;
  num_heads: number;
  num_key_value_heads: number;
  head_dim: number;
  context_length: number;
  sliding_window: number;
  rope_theta: number;
  rms_norm_eps: number;
  bos_token_id: number;
  end_of_text_token_id: number;
  end_of_turn_token_id: number;
  pad_token_id: number;
  chat_template: string;
  tokens: string[];
  scores: number[];
  token_types: number[];
}

const END_OF_TURN = '<end_of_turn>';
/** Each sixth layer sees everything, the others a window (transformers configuration_gemma3.py, sliding_window_pattern). */
const LAYERS_PER_FULL = 6;
/** Rotary base of the layers with a window (`rope_local_base_freq`). */
const LOCAL_ROPE_THETA = 10_000;

/**
 * Gemma 3's chat format, for files that bring no template: the pretrained models. Its words are Google's
 * (gemma-3-1b-it, chat_template.json); the system message stands before the first question.
 */
const CHAT_TEMPLATE = [
  '{{ bos_token }}',
  "{%- if messages[0]['role'] == 'system' -%}{%- set system = messages[0]['content'] + '\\n\\n' -%}{%- set turns = messages[1:] -%}",
  "{%- else -%}{%- set system = '' -%}{%- set turns = messages -%}{%- endif -%}",
  '{%- for message in turns -%}',
  "{%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) -%}{{ raise_exception('Roles must alternate: user, assistant, user') }}{%- endif -%}",
  "{{ '<start_of_turn>' + ('model' if message['role'] == 'assistant' else 'user') + '\\n' + (system if loop.first else '') + message['content'] | trim + '<end_of_turn>\\n' }}",
  '{%- endfor -%}',
  "{%- if add_generation_prompt -%}{{ '<start_of_turn>model\\n' }}{%- endif -%}",
].join('');

/** @throws AppError weights-unsupported for a key or tokenizer that is missing, or sizes that llama.cpp computes otherwise */
export function gemma3Facts(file: GgufFile): Gemma3Facts {
  const { number, list, text, refuse } = metadataReader(file);
  if (text('tokenizer.ggml.model') !== 'llama') refuse(`tokenizer ${text('tokenizer.ggml.model')}`);
  if (file.tensors.some(({ name }) => name === 'output.weight')) refuse('a head that is not tied to the embedding');
  if (number('gemma3.rope.scaling.factor', 1) !== 1) refuse('scaled rotary embeddings (Gemma 3 from 4B on)');
  const tokens = list<string>('tokenizer.ggml.tokens');
  const end_of_turn_token_id = tokens.indexOf(END_OF_TURN);
  if (end_of_turn_token_id < 0) refuse(`no token ${END_OF_TURN}`);
  const bos_token_id = number('tokenizer.ggml.bos_token_id');
  return {
    vocab_size: tokens.length,
    hidden_size: number('gemma3.embedding_length'),
    intermediate_size: number('gemma3.feed_forward_length'),
    num_layers: number('gemma3.block_count'),
    num_heads: number('gemma3.attention.head_count'),
    num_key_value_heads: number('gemma3.attention.head_count_kv'),
    head_dim: number('gemma3.attention.key_length'),
    context_length: number('gemma3.context_length'),
    sliding_window: number('gemma3.attention.sliding_window'),
    rope_theta: number('gemma3.rope.freq_base'),
    rms_norm_eps: number('gemma3.attention.layer_norm_rms_epsilon'),
    bos_token_id,
    end_of_text_token_id: number('tokenizer.ggml.eos_token_id'),
    end_of_turn_token_id,
    pad_token_id: number('tokenizer.ggml.padding_token_id'),
    chat_template: withBos(text('tokenizer.chat_template') ?? CHAT_TEMPLATE, tokens[bos_token_id] as string),
    tokens,
    scores: list<number>('tokenizer.ggml.scores'),
    token_types: list<number>('tokenizer.ggml.token_type').map(Number),
  };
}

/** By file name. */
export function gemma3Files(facts: Gemma3Facts): Record<string, object> {
  const ends = [...new Set([facts.end_of_text_token_id, facts.end_of_turn_token_id])];
  const ids = { bos_token_id: facts.bos_token_id, eos_token_id: ends, pad_token_id: facts.pad_token_id };
  const isFull = (layer: number) => (layer + 1) % LAYERS_PER_FULL === 0;
  return {
    'config.json': {
      architectures: ['Gemma3ForCausalLM'],
      model_type: 'gemma3_text',
      vocab_size: facts.vocab_size,
      hidden_size: facts.hidden_size,
      intermediate_size: facts.intermediate_size,
      num_hidden_layers: facts.num_layers,
      num_attention_heads: facts.num_heads,
      num_key_value_heads: facts.num_key_value_heads,
      head_dim: facts.head_dim,
      // llama.cpp divides by the square root of head_dim (all sizes but 27B).
      query_pre_attn_scalar: facts.head_dim,
      max_position_embeddings: facts.context_length,
      sliding_window: facts.sliding_window,
      layer_types: Array.from({ length: facts.num_layers }, (_, layer) => (isFull(layer) ? 'full_attention' : 'sliding_attention')),
      rope_parameters: {
        full_attention: { rope_type: 'default', rope_theta: facts.rope_theta },
        sliding_attention: { rope_type: 'default', rope_theta: LOCAL_ROPE_THETA },
      },
      rms_norm_eps: facts.rms_norm_eps,
      hidden_activation: 'gelu_pytorch_tanh',
      tie_word_embeddings: true,
      ...ids,
      torch_dtype: 'float32',
    },
    'tokenizer.json': sentencePieceTokenizer(facts),
    'tokenizer_config.json': {
      tokenizer_class: 'PreTrainedTokenizerFast',
      bos_token: facts.tokens[facts.bos_token_id],
      eos_token: facts.tokens[facts.end_of_turn_token_id],
      pad_token: facts.tokens[facts.pad_token_id],
      chat_template: facts.chat_template,
      model_max_length: facts.context_length,
      clean_up_tokenization_spaces: false,
    },
    'generation_config.json': ids,
  };
}
