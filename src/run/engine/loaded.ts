/** What an engine process has loaded: one base model, and a context for each adapter. */
import type { Llama, LlamaContextSequence, LlamaModel } from 'node-llama-cpp';
import type { LoadRequest } from './messages.js';

export interface Loaded {
  llama: Llama;
  model: LlamaModel;
  settings: LoadRequest;
  /** By the name of its context. */
  sequences: Map<string, LlamaContextSequence>;
}

/** Small, so that little of a known prefix is computed again: at most 31 tokens. Its own cost was not measured. */
export const CHUNK_TOKENS = 32;

export function sequenceOf({ sequences }: Loaded, name: string): LlamaContextSequence {
  const sequence = sequences.get(name);
  if (!sequence) throw new Error(`no context ${name}`);
  return sequence;
}

/**
 * Keeps the longest prefix of whole chunks that the context has already computed; at least one token is left.
 *
 * Logits depend on which tokens were computed together: with a prefix cut anywhere, a greedy answer differed between a
 * warm and a cold cache. Prompts are computed in chunks that always begin at multiples of CHUNK_TOKENS, so a prompt's
 * chunks are the same whatever was in the cache.
 */
export async function keepPrefix(sequence: LlamaContextSequence, tokenIds: number[]): Promise<number> {
  const known = sequence.contextTokens;
  let length = 0;
  while (length < Math.min(known.length, tokenIds.length - 1) && known[length] === tokenIds[length]) length++;
  length -= length % CHUNK_TOKENS;
  if (length === 0) await sequence.clearHistory();
  else await sequence.eraseContextTokenRanges([{ start: length, end: sequence.nextTokenIndex }]);
  return length;
}
