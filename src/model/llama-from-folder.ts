/** What a Transformers folder of Llama type says of itself: config.json, tokenizer.json, tokenizer_config.json and the headers of its weights. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../protocol/errors.js';
import type { LlamaFacts } from './llama-from-gguf.js';
import { readSafetensorsHeader, type StoredTensor } from './safetensors.js';

/** Transformers 5 writes `rope_parameters`, earlier ones `rope_theta`; without either, 10,000 is Llama's own (configuration_llama.py). */
const RopeParameters = z.object({
  rope_type: z.literal('default', 'scaled rotary embeddings are not written').default('default'),
  rope_theta: z.number().positive(),
});
const DEFAULT_ROPE_THETA = 10_000;

const Config = z.object({
  model_type: z.literal('llama', 'only Llama-type models can be read from a folder'),
  vocab_size: z.int().positive(),
  hidden_size: z.int().positive(),
  intermediate_size: z.int().positive(),
  num_hidden_layers: z.int().positive(),
  num_attention_heads: z.int().positive(),
  num_key_value_heads: z.int().positive(),
  max_position_embeddings: z.int().positive(),
  head_dim: z.int().positive().nullish(),
  rope_theta: z.number().positive().optional(),
  rope_parameters: RopeParameters.nullish(),
  rms_norm_eps: z.number().positive(),
  hidden_act: z.literal('silu').default('silu'),
  attention_bias: z.literal(false, 'attention with biases is not written').default(false),
  mlp_bias: z.literal(false, 'an MLP with biases is not written').default(false),
  rope_scaling: z.null('scaled rotary embeddings are not written').default(null),
  tie_word_embeddings: z.boolean().default(false),
});

/** llama.cpp's `smollm` pre-tokenizer: single digits, then GPT-2's pattern. Another one would cut text differently in silence. */
const PreTokenizer = z.object({
  type: z.literal('Sequence'),
  pretokenizers: z.tuple([
    z.object({ type: z.literal('Digits'), individual_digits: z.literal(true) }),
    z.object({ type: z.literal('ByteLevel'), add_prefix_space: z.literal(false), use_regex: z.literal(true).default(true) }),
  ]),
});
const Tokenizer = z.object({
  added_tokens: z.array(z.object({ id: z.int(), content: z.string(), special: z.boolean() })),
  normalizer: z.null('a normalizer is not written'),
  pre_tokenizer: PreTokenizer,
  model: z.object({
    type: z.literal('BPE'),
    vocab: z.record(z.string(), z.int()),
    merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
  }),
});
const TokenText = z.union([z.string(), z.object({ content: z.string() }).transform(({ content }) => content)]).nullish();
const TokenizerConfig = z.object({
  bos_token: TokenText,
  eos_token: TokenText,
  unk_token: TokenText,
  pad_token: TokenText,
  chat_template: z.string().optional(),
});

/** @throws AppError file-not-found, weights-unsupported naming the file and all that is not as Slipway can write it */
export function readLlamaFolder(folder: string): { facts: LlamaFacts; tensors: StoredTensor[] } {
  const refuse = (file: string, problem: string): never => {
    throw new AppError('weights-unsupported', { file: join(folder, file), problem });
  };
  const read = <T extends z.ZodType>(name: string, schema: T): z.infer<T> => {
    const path = join(folder, name);
    if (!existsSync(path)) throw new AppError('file-not-found', { file: path, folder });
    const parsed = schema.safeParse(parseJson(readFileSync(path, 'utf8')));
    if (parsed.success) return parsed.data;
    return refuse(name, parsed.error.issues.map(({ path: place, message }) => `${place.join('.') || 'file'}: ${message}`).join('; '));
  };
  const config = read('config.json', Config);
  const headDim = config.hidden_size / config.num_attention_heads;
  if (config.head_dim && config.head_dim !== headDim)
    refuse('config.json', `head_dim ${config.head_dim} is not hidden_size / num_attention_heads (${headDim})`);
  const tokenizer = read('tokenizer.json', Tokenizer);
  const names = read('tokenizer_config.json', TokenizerConfig);
  const templateFile = join(folder, 'chat_template.jinja');
  const chat_template =
    names.chat_template ??
    (existsSync(templateFile) ? readFileSync(templateFile, 'utf8') : refuse('tokenizer_config.json', 'no chat_template'));
  const ids = new Map([
    ...Object.entries(tokenizer.model.vocab),
    ...tokenizer.added_tokens.map(({ content, id }) => [content, id] as const),
  ]);
  const tokens = tokensInOrder(ids, config.vocab_size);
  const idOf = (text: string | null | undefined, what: string): number =>
    ids.get(text ?? '') ?? refuse('tokenizer_config.json', `no ${what}`);
  const endOfTurn = idOf(names.eos_token, 'eos_token');
  const pad = [names.unk_token, names.pad_token].find((text) => text && ids.get(text) !== endOfTurn);
  const tensors = weightFiles(folder).flatMap((name) => readSafetensorsHeader(join(folder, name)));
  if (tensors.length === 0) refuse('model.safetensors', 'no weights');
  return {
    facts: {
      vocab_size: config.vocab_size,
      hidden_size: config.hidden_size,
      intermediate_size: config.intermediate_size,
      num_layers: config.num_hidden_layers,
      num_heads: config.num_attention_heads,
      num_key_value_heads: config.num_key_value_heads,
      context_length: config.max_position_embeddings,
      rope_theta: config.rope_parameters?.rope_theta ?? config.rope_theta ?? DEFAULT_ROPE_THETA,
      rms_norm_eps: config.rms_norm_eps,
      is_head_tied: config.tie_word_embeddings,
      bos_token_id: idOf(names.bos_token ?? names.eos_token, 'bos_token'),
      end_of_turn_token_id: endOfTurn,
      pad_token_id: idOf(pad, 'token that can pad: the unknown token and the pad token both end turns'),
      chat_template,
      tokens,
      special_tokens: tokenizer.added_tokens.filter(({ special }) => special).map(({ id, content }) => ({ id, text: content })),
      merges: tokenizer.model.merges.map((merge) => (typeof merge === 'string' ? merge : merge.join(' '))),
    },
    tensors,
  };
}

/** Ids that no token has are filled, as llama.cpp's converter does (convert_hf_to_gguf.py, `[PAD{i}]`). */
function tokensInOrder(ids: Map<string, number>, size: number): string[] {
  const tokens = Array.from({ length: size }, (_, id) => `[PAD${id}]`);
  for (const [text, id] of ids) tokens[id] = text;
  return tokens;
}

function weightFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.safetensors'))
    .sort();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
