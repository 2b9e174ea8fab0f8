/** One request to an engine, as both kinds of completions make it. */
import { AppError } from '../../protocol/errors.js';
import type { Engine } from '../engine/engine.js';
import type { Constraint, GenerateRequest, Generation } from '../engine/messages.js';
import type { ChatRequest, CompletionRequest } from './requests.js';
import type { Served } from './served-models.js';

export interface Asked {
  context: string;
  token_ids: number[];
  max_tokens: number;
  constraint: Constraint | null;
  top_logprobs: number | null;
  /** Of several answers to one request: each has a seed of its own. */
  index: number;
  onText?: (text: string) => void;
  hasLeft: AbortSignal;
}

/** @throws AppError server-ending when the server ends before the answer does */
export async function answer(
  { ending }: Served,
  engine: Engine,
  { top_k, seed, ...sampling }: ChatRequest | CompletionRequest,
  { onText, hasLeft, index, ...asked }: Asked,
): Promise<Generation> {
  const request: Omit<GenerateRequest, 'op'> = {
    ...asked,
    temperature: sampling.temperature,
    top_p: sampling.top_p,
    // vLLM writes -1 for all tokens.
    top_k: Math.max(0, top_k),
    min_p: sampling.min_p,
    frequency_penalty: sampling.frequency_penalty,
    presence_penalty: sampling.presence_penalty,
    seed: seed === undefined ? null : seed + index,
    stop: sampling.stop,
    cache_prompt: sampling.cache_prompt,
  };
  const generation = await engine.generate(request, onText, AbortSignal.any([hasLeft, ending]));
  if (generation.finish_reason === 'abort' && ending.aborted) throw new AppError('server-ending');
  return generation;
}

/** Prompts are never cut: one that does not fit is refused with the numbers. @throws AppError prompt-too-long */
export function fitTokens(promptTokens: number, maxTokens: number | undefined, contextLength: number): number {
  const room = contextLength - promptTokens;
  const wanted = maxTokens ?? room;
  if (room < 1 || wanted > room) {
    throw new AppError('prompt-too-long', { prompt_tokens: promptTokens, max_tokens: maxTokens ?? 1, context_length: contextLength });
  }
  return wanted;
}

type Counted = Pick<Generation, 'prompt_tokens' | 'cached_tokens' | 'completion_tokens'>;

/** Of one request, whose prompt counts once. */
export function usageOf(answers: Counted[]) {
  const [{ prompt_tokens, cached_tokens }] = answers as [Counted];
  const completion_tokens = answers.reduce((sum, one) => sum + one.completion_tokens, 0);
  return {
    prompt_tokens,
    completion_tokens,
    total_tokens: prompt_tokens + completion_tokens,
    prompt_tokens_details: { cached_tokens },
  };
}
