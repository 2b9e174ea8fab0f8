/** What an engine process is asked and what it answers, over Node's own IPC channel. */

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

export interface GenerateRequest {
  op: 'generate';
  context: string;
  token_ids: number[];
  max_tokens: number;
  temperature: number;
  top_p?: number;
  seed?: number;
  stop: string[];
  json_schema: object | null;
  /** The answer is one of these texts. */
  choices: string[] | null;
  /** False evaluates the whole prompt anew. */
  cache_prompt: boolean;
}

export interface ScoreRequest {
  op: 'score';
  context: string;
  token_ids: number[];
}

export type EngineRequest = LoadRequest | AddContextRequest | TokenizeRequest | GenerateRequest | ScoreRequest;

export interface Generation {
  text: string;
  finish_reason: 'stop' | 'length' | 'abort';
  prompt_tokens: number;
  cached_tokens: number;
  completion_tokens: number;
}

export interface EngineAnswers {
  load: { engine: string; context_length: number };
  'add-context': Record<string, never>;
  tokenize: { token_ids: number[] };
  generate: Generation;
  /** Natural logarithms: `logprobs[i]` is of token i + 1 given tokens 0…i. */
  score: { logprobs: number[]; tokens: string[]; text_offset: number[] };
}

export type ToEngine = { id: number; request: EngineRequest } | { id: number; abort: true };

export type FromEngine =
  | { id: number; text: string }
  | { id: number; answer: EngineAnswers[keyof EngineAnswers] }
  | { id: number; problem: string };
