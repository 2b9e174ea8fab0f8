/** Asking an endpoint: answers, timed answers, and the log-probability of given answers. */

import { z } from 'zod';
import { serverSentEvents } from '../../http/server-sent-events.js';
import type { Candidate } from '../../protocol/candidate.js';
import { type Endpoint, ServedModel } from '../../protocol/endpoint.js';
import { AppError } from '../../protocol/errors.js';
import type { Message } from '../../protocol/row.js';

/** A 135M model on one thread answers in seconds, a large one on a busy server in minutes. */
const TIMEOUT_MS = 600_000;

const Usage = z.object({ prompt_tokens: z.int(), completion_tokens: z.int() });
const ChatAnswer = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string() }), finish_reason: z.string() })).min(1),
  usage: Usage,
});
const ChatChunk = z.object({
  choices: z.array(z.object({ delta: z.object({ content: z.string().nullish() }), finish_reason: z.string().nullish() })),
  usage: Usage.nullish(),
});
const ScoreAnswer = z.object({
  choices: z
    .array(z.object({ logprobs: z.object({ token_logprobs: z.array(z.number().nullable()), text_offset: z.array(z.int()) }) }))
    .min(1),
});

const RewardAnswer = z.object({ data: z.array(z.object({ index: z.int(), score: z.number() })).min(1) });

/** A request that the endpoint understands and does not take. */
const REFUSED = [400, 413, 422];

export interface Answer {
  text: string;
  finish_reason: string;
  prompt_tokens: number;
  completion_tokens: number;
  duration_ms: number;
}

export interface TimedAnswer {
  answer: Answer;
  /** When each piece of text came, after the request; at least one. */
  text_at_ms: number[];
}

/** A character may take several tokens to show, and the first may be a space that a server leaves out. */
const FIRST_TOKENS = 8;

const NOT_A_KEY = [401, 403];

/**
 * What an endpoint says that it serves. Some servers list nothing, or have no such route: these are taken at the word of whoever
 * named the model.
 * @param limits how long it may take, and how long one that is busy is asked again
 * @throws AppError endpoint-failed when nothing answers, or the key is refused
 */
export async function listServedModels(endpoint: Endpoint, limits: Limits = {}): Promise<ServedModel[]> {
  const asked = await request(endpoint, 'models', limits).catch((error: unknown) => {
    const status = error instanceof AppError ? Number(error.data.status) : Number.NaN;
    if (Number.isNaN(status) || NOT_A_KEY.includes(status)) throw error;
    return null;
  });
  const listed = asked && z.object({ data: z.array(ServedModel).min(1) }).safeParse(await asked.response.json().catch(() => null));
  if (listed?.success) return listed.data.data;
  return endpoint.model ? [{ id: endpoint.model, object: 'model', created: 0, owned_by: 'unknown' }] : [];
}

export async function askChat(endpoint: Endpoint, candidate: Candidate, messages: Message[]): Promise<Answer> {
  const { response, started } = await request(endpoint, 'chat/completions', { body: chatBody(candidate, messages) });
  const { choices, usage } = ChatAnswer.parse(await response.json());
  const choice = choices[0] as (typeof choices)[number];
  return { text: choice.message.content, finish_reason: choice.finish_reason, ...usage, duration_ms: performance.now() - started };
}

/**
 * @param isCold asks the endpoint to compute the whole prompt again, by llama.cpp's `cache_prompt`, and for the first tokens alone
 * @returns null when that was asked for and the endpoint refuses it
 */
export async function timeChat(
  endpoint: Endpoint,
  candidate: Candidate,
  messages: Message[],
  isCold: boolean,
): Promise<TimedAnswer | null> {
  const body = {
    ...chatBody(candidate, messages),
    stream: true,
    stream_options: { include_usage: true },
    ...(isCold ? { cache_prompt: false, max_tokens: Math.min(FIRST_TOKENS, candidate.decoding.max_tokens) } : {}),
  };
  const asked = await request(endpoint, 'chat/completions', { body }).catch((error: unknown) => {
    if (isCold && error instanceof AppError && REFUSED.includes(Number(error.data.status))) return null;
    throw error;
  });
  if (!asked) return null;
  const { response, started } = asked;
  const text_at_ms: number[] = [];
  let text = '';
  // Some servers stream none.
  let finish_reason = 'unknown';
  let usage: z.infer<typeof Usage> | null = null;
  for await (const data of serverSentEvents(response)) {
    const chunk = ChatChunk.parse(JSON.parse(data));
    const [choice] = chunk.choices;
    if (choice?.delta.content) {
      text_at_ms.push(performance.now() - started);
      text += choice.delta.content;
    }
    finish_reason = choice?.finish_reason ?? finish_reason;
    usage = chunk.usage ?? usage;
  }
  if (!usage) throw new AppError('endpoint-failed', { url: endpoint.base_url, status: 200, problem: 'a stream without usage' });
  const duration_ms = performance.now() - started;
  // The first token of an empty answer is the one that ends it.
  return { answer: { text, finish_reason, ...usage, duration_ms }, text_at_ms: text ? text_at_ms : [duration_ms] };
}

/** Log-probabilities, in nats, of the answer's tokens after the prompt; or why there are none. */
export type TextScore = { token_logprobs: number[] } | { reason: string; is_endpoint: boolean };

const UNABLE: TextScore = { reason: 'the endpoint does not score given text', is_endpoint: true };

/** What cannot be scored is told apart: this text alone, or any text at this endpoint. @throws AppError endpoint-failed */
export async function scoreText(endpoint: Endpoint, prompt: string, answer: string): Promise<TextScore> {
  const body = { model: endpoint.model, prompt: prompt + answer, max_tokens: 0, echo: true, logprobs: 1, temperature: 0 };
  const asked = await request(endpoint, 'completions', { body }).catch((error: unknown) => {
    if (error instanceof AppError && Number(error.data.status) < 500) return error;
    throw error;
  });
  if (asked instanceof AppError) {
    const isRefusedText = REFUSED.includes(Number(asked.data.status));
    return isRefusedText ? { reason: `the endpoint answered ${asked.data.status}`, is_endpoint: false } : UNABLE;
  }
  const parsed = ScoreAnswer.safeParse(await asked.response.json());
  if (!parsed.success) return UNABLE;
  const { token_logprobs, text_offset } = (parsed.data.choices[0] as z.infer<typeof ScoreAnswer>['choices'][number]).logprobs;
  // Offsets count characters of Unicode, as Python does; a string's length counts some of them twice.
  const start = [...prompt].length;
  const scored = token_logprobs.filter((value, index) => value !== null && (text_offset[index] as number) >= start) as number[];
  return scored.length > 0 ? { token_logprobs: scored } : { reason: 'no token of the answer was scored', is_endpoint: false };
}

/** Rewards of conversations that each end with an answer, in their order; or why there are none. @throws AppError endpoint-failed */
export async function scoreConversations(
  endpoint: Endpoint,
  input: { messages: Message[]; tools?: unknown[] }[],
): Promise<{ rewards: number[] } | { reason: string }> {
  const asked = await request(endpoint, 'score', { body: { model: endpoint.model, input } }).catch((error: unknown) => {
    if (error instanceof AppError && REFUSED.includes(Number(error.data.status))) return error;
    throw error;
  });
  if (asked instanceof AppError) return { reason: `the reward model answered ${asked.data.status}: ${asked.data.problem}` };
  const { data } = RewardAnswer.parse(await asked.response.json());
  return { rewards: data.sort((a, b) => a.index - b.index).map(({ score }) => score) };
}

function chatBody(candidate: Candidate, messages: Message[]) {
  const { temperature, max_tokens } = candidate.decoding;
  const format = candidate.schema
    ? { response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema: candidate.schema } } }
    : {};
  // As vLLM writes it: the answer is one of these texts.
  const choice = candidate.labels ? { structured_outputs: { choice: candidate.labels } } : {};
  return { model: candidate.model, messages, temperature, max_tokens, ...format, ...choice };
}

/** Busy endpoints are asked again: after what they say, or after a time that doubles. */
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;
const PATIENCE_MS = 30 * 60_000;

interface Limits {
  timeout_ms?: number;
  patience_ms?: number;
}

/** @returns the answer, and when the request that it answers was sent: waiting for a busy endpoint is no part of a time */
async function request(
  endpoint: Endpoint,
  route: string,
  { body, timeout_ms = TIMEOUT_MS, patience_ms = PATIENCE_MS }: Limits & { body?: object },
): Promise<{ response: Response; started: number }> {
  const url = `${endpoint.base_url}/${route}`;
  const authorization: Record<string, string> = endpoint.api_key ? { authorization: `Bearer ${endpoint.api_key}` } : {};
  const deadline = Date.now() + patience_ms;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
    const started = performance.now();
    const response = await fetch(url, {
      signal: AbortSignal.timeout(timeout_ms),
      headers: { 'content-type': 'application/json', ...authorization },
      ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
    }).catch((cause: Error) => {
      throw new AppError('endpoint-failed', { url, status: 'nothing', problem: String(cause.cause ?? cause) }, { cause });
    });
    if (response.ok) return { response, started };
    // 503 with a time: an engine is being replaced.
    const isRetryable = response.status === 429 || (response.status === 503 && response.headers.has('retry-after'));
    if (!isRetryable || Date.now() > deadline)
      throw new AppError('endpoint-failed', {
        url,
        status: response.status,
        problem: withoutKey(await response.text(), endpoint).slice(0, 300),
      });
    await response.body?.cancel();
    await new Promise((resolve) => setTimeout(resolve, secondsAsked(response) ?? wait));
  }
}

/** Servers quote what they refuse. */
function withoutKey(text: string, { api_key }: Endpoint): string {
  return api_key ? text.replaceAll(api_key, '…') : text;
}

/** Retry-After in milliseconds (RFC 9110, section 10.2.3), as far as it is a number of seconds. */
function secondsAsked(response: Response): number | null {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? Math.min(seconds * 1000, LONGEST_WAIT_MS) : null;
}
