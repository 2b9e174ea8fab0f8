/** The vocabulary of a Transformers folder: tokenizer.json, tokenizer_config.json and the chat template. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { FolderReader } from './reader.js';

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

export interface BytePairVocabulary {
  tokens: string[];
  special_tokens: { id: number; text: string }[];
  merges: string[];
  bos_token_id: number;
  end_of_turn_token_id: number;
  pad_token_id: number;
  chat_template: string;
}

/** Null with the reader's problems for a vocabulary of another kind. */
export function readVocabulary({ folder, read, refuse }: FolderReader, size: number): BytePairVocabulary | null {
  const tokenizer = read('tokenizer.json', Tokenizer);
  const names = read('tokenizer_config.json', TokenizerConfig);
  if (!tokenizer || !names) return null;
  const templateFile = join(folder, 'chat_template.jinja');
  const chat_template =
    names.chat_template ??
    (existsSync(templateFile) ? readFileSync(templateFile, 'utf8') : refuse('tokenizer_config.json', 'no chat_template'));
  const ids = new Map([
    ...Object.entries(tokenizer.model.vocab),
    ...tokenizer.added_tokens.map(({ content, id }) => [content, id] as const),
  ]);
  const idOf = (text: string | null | undefined, what: string): number | null =>
    ids.get(text ?? '') ?? refuse('tokenizer_config.json', `no ${what}`);
  const end_of_turn_token_id = idOf(names.eos_token, 'eos_token');
  const pad = [names.unk_token, names.pad_token].find((text) => text && ids.get(text) !== end_of_turn_token_id);
  const pad_token_id = idOf(pad, 'token that can pad: the unknown token and the pad token both end turns');
  const bos_token_id = idOf(names.bos_token ?? names.eos_token, 'bos_token');
  if (chat_template === null || end_of_turn_token_id === null || pad_token_id === null || bos_token_id === null) return null;
  return {
    tokens: tokensInOrder(ids, size),
    special_tokens: tokenizer.added_tokens.filter(({ special }) => special).map(({ id, content }) => ({ id, text: content })),
    merges: tokenizer.model.merges.map((merge) => (typeof merge === 'string' ? merge : merge.join(' '))),
    bos_token_id,
    end_of_turn_token_id,
    pad_token_id,
    chat_template,
  };
}

/** Ids that no token has are filled, as llama.cpp's converter does (convert_hf_to_gguf.py, `[PAD{i}]`). */
function tokensInOrder(ids: Map<string, number>, size: number): string[] {
  const tokens = Array.from({ length: size }, (_, id) => `[PAD${id}]`);
  for (const [text, id] of ids) tokens[id] = text;
  return tokens;
}
