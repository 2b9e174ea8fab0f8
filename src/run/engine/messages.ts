/** What an engine process is asked and what it answers. */
import type { FromChild, ToChild } from '../child-channel.js';

export interface LoadRequest {
  op: 'load';
  gguf: string;
  num_threads: number;
  context_length: number;
  /** Type of the key-value cache. F32 is for parity: F16 would add an error of its own. */
  cache_type: 'F16' | 'F32';
}

/** A context of its own on the shared weights; `adapter` is a GGUF file whose name is made from its hash. */
export interface AddContextRequest {
  op: 'add-context';
  context: string;
  adapter: string | null;
}

export interface TokenizeRequest {
  op: 'tokenize';
  text: string;
}

/** What an answer is held to. */
export type Constraint = { kind: 'schema'; schema: object } | { kind: 'object' } | { kind: 'choices'; choices: string[] };

export interface GenerateRequest {
  op: 'generate';
  context: string;
  token_ids: number[];
  max_tokens: number;
  temperature: number;
  /** 1: all tokens. */
  top_p: number;
  /** 0: all tokens. */
  top_k: number;
  /** Least share of the likeliest token's probability; 0: all tokens. */
  min_p: number;
  /** OpenAI's: subtracted from a logit for each time, and once, that the answer has the token already. */
  frequency_penalty: number;
  presence_penalty: number;
  seed: number | null;
  stop: string[];
  constraint: Constraint | null;
  /** How many alternatives are told beside each token's log-probability; null: none is told. */
  top_logprobs: number | null;
  /** False evaluates the whole prompt anew. */
  cache_prompt: boolean;
}

export interface ScoreRequest {
  op: 'score';
  context: string;
  token_ids: number[];
}

export interface EmbedRequest {
  op: 'embed';
  token_ids: number[];
}

export type EngineRequest = LoadRequest | AddContextRequest | TokenizeRequest | GenerateRequest | ScoreRequest | EmbedRequest;

/** Natural logarithms, of the model's own distribution: temperature, penalties and constraints do not count. */
export interface TokenLogprob {
  token: string;
  logprob: number;
}

export interface Generation {
  text: string;
  finish_reason: 'stop' | 'length' | 'abort';
  prompt_tokens: number;
  cached_tokens: number;
  completion_tokens: number;
  /** One a token of the text; null where they were not asked for. */
  logprobs: (TokenLogprob & { top: TokenLogprob[] })[] | null;
}

export interface EngineAnswers {
  load: { engine: string; context_length: number };
  'add-context': Record<string, never>;
  tokenize: { token_ids: number[] };
  generate: Generation;
  /** Natural logarithms: `logprobs[i]` is of token i + 1 given tokens 0…i. */
  score: { logprobs: number[]; tokens: string[]; text_offset: number[] };
  /** Of the width of the model, as its pooling gives it. */
  embed: { embedding: number[] };
}

export type ToEngine = ToChild<EngineRequest>;
export type FromEngine = FromChild<EngineAnswers[keyof EngineAnswers]>;
