/** Bodies of the OpenAI API that Slipway answers. What clients send by default is accepted; what is not built is refused by name. */
import { z } from 'zod';
import { parseRequest } from '../../http/parse-request.js';
import { isObject } from '../../protocol/metrics/record.js';
import { isGrammarText, isWithinDepth } from './json-schema.js';

/** A prompt longer than any context is no prompt. */
const MAX_PROMPT_CHARACTERS = 4_000_000;
const MAX_MESSAGES = 10_000;
/** Every choice is tested for every token. */
const MAX_CHOICES = 1000;
/** Answers to one request are made one after another. */
const MAX_ANSWERS = 8;
/** Each is rendered into the prompt, and its schema into a grammar. */
const MAX_TOOLS = 128;
/** Ours; OpenAI takes four. */
const MAX_STOPS = 16;
/** OpenAI's own limits (platform.openai.com/docs/api-reference/chat/create). */
const MAX_TOP_LOGPROBS = 20;
const MAX_PENALTY = 2;

/** A field that only its default is possible of. */
const only = <T>(values: T[], instead: string) =>
  z.custom<T>((value) => values.some((one) => JSON.stringify(one) === JSON.stringify(value)), `not supported: ${instead}`).optional();
const penalty = z.number().min(-MAX_PENALTY).max(MAX_PENALTY).default(0);

/** Fields that say who asks or how it is billed: nothing here depends on them. */
const unused = {
  user: z.string().optional(),
  safety_identifier: z.string().optional(),
  prompt_cache_key: z.string().optional(),
  metadata: z.record(z.string(), z.string()).optional(),
  service_tier: z.enum(['auto', 'default']).optional(),
};

const sampling = {
  ...unused,
  model: z.string(),
  temperature: z.number().min(0).max(2).default(1),
  top_p: z.number().gt(0).max(1).default(1),
  /** As vLLM and llama-server have them. */
  top_k: z.int().min(-1).default(0),
  min_p: z.number().min(0).max(1).default(0),
  frequency_penalty: penalty,
  presence_penalty: penalty,
  seed: z.int().min(0).optional(),
  stop: z
    .union([z.string(), z.array(z.string()).max(MAX_STOPS)])
    .default([])
    .transform((stop) => [stop].flat().filter(Boolean)),
  stream: z.boolean().default(false),
  stream_options: z.object({ include_usage: z.boolean().optional() }).optional(),
  n: z.int().min(1).max(MAX_ANSWERS).default(1),
  logit_bias: only([{}], 'a grammar holds answers to what is wanted, such as `response_format`'),
  /** As llama-server has it: false evaluates the whole prompt anew. */
  cache_prompt: z.boolean().default(true),
};

const text = z.string();
const parts = z
  .array(z.looseObject({ type: z.string() }))
  .check(({ value, issues }) => {
    for (const [index, part] of value.entries()) {
      const isText = part.type === 'text' && typeof part.text === 'string';
      if (!isText)
        issues.push({
          code: 'custom',
          path: [index],
          input: part,
          message: `${part.type} is not supported: a message is text or parts of type text`,
        });
    }
  })
  .transform((all) => all.map((part) => String(part.text)).join(''));
const content = z.union([text, parts], 'must be a text or a list of parts');

export const ToolCall = z.object({
  id: z.string(),
  type: z.literal('function', 'only functions can be called'),
  function: z.object({ name: z.string(), arguments: z.string() }),
});
export type ToolCall = z.infer<typeof ToolCall>;

/** As messages are rendered: system for developer, texts for parts. */
const ChatMessage = z.discriminatedUnion('role', [
  z.object({ role: z.enum(['system', 'developer']).transform(() => 'system' as const), content, name: text.optional() }),
  z.object({ role: z.literal('user'), content, name: text.optional() }),
  z.object({
    role: z.literal('assistant'),
    content: content.default(''),
    name: text.optional(),
    tool_calls: z.array(ToolCall).optional(),
    refusal: only([''], 'this server refuses nothing by itself'),
    audio: only([], 'a message is text'),
    thinking: text.optional(),
    reasoning_content: text.optional(),
  }),
  z.object({ role: z.literal('tool'), content, tool_call_id: text.optional(), name: text.optional() }),
]);

export const Tool = z.object({
  type: z.literal('function', 'only functions can be called'),
  function: z.object({
    name: z.string().regex(/^[\w-]{1,64}$/, 'has letters, digits, _ and - only, 64 at most'),
    description: text.optional(),
    parameters: z
      .record(z.string(), z.unknown())
      .refine((schema) => isWithinDepth(schema), 'nested too deep')
      .optional(),
    strict: z.boolean().optional(),
  }),
});
export type Tool = z.infer<typeof Tool>;

export const ChatRequest = z.strictObject({
  ...sampling,
  messages: z.array(ChatMessage).min(1).max(MAX_MESSAGES),
  max_tokens: z.int().positive().optional(),
  max_completion_tokens: z.int().positive().optional(),
  response_format: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('text') }),
      z.object({ type: z.literal('json_object') }),
      z.object({
        type: z.literal('json_schema'),
        json_schema: z.object({ name: z.string().optional(), schema: z.record(z.string(), z.unknown()), strict: z.boolean().optional() }),
      }),
    ])
    .optional(),
  logprobs: z.boolean().default(false),
  top_logprobs: z.int().min(0).max(MAX_TOP_LOGPROBS).optional(),
  tools: z.array(Tool).max(MAX_TOOLS).default([]),
  tool_choice: z
    .union([z.enum(['none', 'auto', 'required']), z.object({ type: z.literal('function'), function: z.object({ name: z.string() }) })])
    .optional(),
  parallel_tool_calls: z.boolean().default(true),
  store: only([false], 'nothing is stored here, leave it out or send false'),
  modalities: only([['text']], 'an answer is text'),
  audio: only([], 'an answer is text'),
  functions: only([[]], 'use tools'),
  function_call: only([], 'use tool_choice'),
  reasoning_effort: only(['none'], 'the models here have no levels of effort'),
  verbosity: only(['medium'], 'say in the prompt how long an answer is to be'),
  prediction: only([], 'there is no speculative decoding here'),
  web_search_options: only([], 'this server reaches no network'),
  /** As vLLM has it. */
  structured_outputs: z
    .strictObject({
      choice: z
        .array(z.string().min(1).max(1000).refine(isGrammarText, 'must not have control characters but tab and newline'))
        .min(1)
        .max(MAX_CHOICES),
    })
    .optional(),
});
export type ChatRequest = z.infer<typeof ChatRequest>;

const MOST_LOGPROBS = 'only 0 or 1 is possible: the text’s own tokens; `/v1/chat/completions` tells alternatives with top_logprobs';

export const CompletionRequest = z.strictObject({
  ...sampling,
  n: only([1], 'one answer to a prompt; `/v1/chat/completions` gives up to 8'),
  best_of: only([1], 'one answer to a prompt'),
  suffix: only([''], 'a text is continued at its end'),
  prompt: z.string('must be one text').max(MAX_PROMPT_CHARACTERS),
  max_tokens: z.int().min(0).default(16),
  echo: z.boolean().default(false),
  logprobs: z.int(MOST_LOGPROBS).min(0, MOST_LOGPROBS).max(1, MOST_LOGPROBS).optional(),
});
export type CompletionRequest = z.infer<typeof CompletionRequest>;

/** A text of Unicode and its log-probabilities. */
export const EmbeddingRequest = z.strictObject({
  ...unused,
  model: z.string(),
  input: z.union(
    [z.string().min(1).max(MAX_PROMPT_CHARACTERS), z.array(z.string().min(1).max(MAX_PROMPT_CHARACTERS)).min(1).max(2048)],
    'must be a text or a list of texts',
  ),
  encoding_format: z.enum(['float', 'base64']).default('float'),
  dimensions: only<number>([], 'an embedding has the width of the model'),
});

/** Each is a forward pass of its own beside what they begin with. */
const MAX_CONVERSATIONS = 256;

const Conversation = z
  .strictObject({ messages: z.array(ChatMessage).min(1).max(MAX_MESSAGES), tools: z.array(Tool).max(MAX_TOOLS).optional() })
  .refine(({ messages }) => messages.at(-1)?.role === 'assistant', {
    path: ['messages'],
    message: 'the last message must be the answer that is scored, of the role assistant',
  });

/** Conversations that each end with an answer. */
export const ScoreRequest = z.strictObject({
  ...unused,
  model: z.string(),
  input: z.preprocess(
    (input) => [input].flat(),
    z
      .array(Conversation)
      .min(1, 'must have a conversation')
      .max(MAX_CONVERSATIONS, `at most ${MAX_CONVERSATIONS} conversations in one request`),
  ),
});

/** Clients write null for what they leave out. @throws AppError request-invalid naming every field that is wrong */
export function parseBody<T extends z.ZodType>(schema: T, body: unknown): z.infer<T> {
  return parseRequest(schema, withoutNulls(body));
}

/** JSON Schemas, in which null is a value. */
const WITH_NULLS = ['schema', 'parameters'];

/** Arguments of a call in a message are seven deep; what reads a body of thousands by recursion fails in the middle. */
const MAX_FIELD_DEPTH = 10;

function withoutNulls(value: unknown, depth = 0): unknown {
  if (depth > MAX_FIELD_DEPTH) return value;
  if (Array.isArray(value)) return value.map((inner) => withoutNulls(inner, depth + 1));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(entries.map(([name, inner]) => [name, WITH_NULLS.includes(name) ? inner : withoutNulls(inner, depth + 1)]));
}
