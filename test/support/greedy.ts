/** A request for the likeliest tokens, without anything else. */
import type { GenerateRequest } from '../../src/run/engine/messages.js';

export const GREEDY: Omit<GenerateRequest, 'op' | 'context' | 'token_ids' | 'max_tokens'> = {
  temperature: 0,
  top_p: 1,
  top_k: 0,
  min_p: 0,
  frequency_penalty: 0,
  presence_penalty: 0,
  seed: null,
  stop: [],
  constraint: null,
  top_logprobs: null,
  cache_prompt: true,
};
