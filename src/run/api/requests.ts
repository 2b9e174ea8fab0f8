/** Bodies of the OpenAI API that Slipway answers; unsupported fields are refused, never ignored. */
import { z } from 'zod';
import { Message } from '../../protocol/row.js';
import { isGrammarText } from './json-schema.js';

/** A prompt longer than any context is no prompt. */
const MAX_PROMPT_CHARACTERS = 4_000_000;
const MAX_MESSAGES = 10_000;
/** Every choice is tested for every token. */
const MAX_CHOICES = 1000;

const sampling = {
  model: z.string(),
  temperature: z.number().min(0).max(2).default(1),
  top_p: z.number().gt(0).max(1).optional(),
  seed: z.int().min(0).optional(),
  stop: z.union([z.string(), z.array(z.string()).max(16)]).nullish(),
  stream: z.boolean().default(false),
  stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
  user: z.string().optional(),
  n: z.literal(1).optional(),
  /** As llama-server has it: false evaluates the whole prompt anew. */
  cache_prompt: z.boolean().default(true),
};

export const ChatRequest = z.strictObject({
  ...sampling,
  messages: z.array(Message).min(1).max(MAX_MESSAGES),
  max_tokens: z.int().positive().nullish(),
  max_completion_tokens: z.int().positive().nullish(),
  response_format: z
    .union([
      z.strictObject({ type: z.literal('text') }),
      z.strictObject({
        type: z.literal('json_schema'),
        json_schema: z.object({ name: z.string().optional(), schema: z.record(z.string(), z.unknown()), strict: z.boolean().nullish() }),
      }),
    ])
    .nullish(),
  /** As vLLM has it. */
  structured_outputs: z
    .strictObject({
      choice: z
        .array(z.string().min(1).max(1000).refine(isGrammarText, 'must not have control characters but tab and newline'))
        .min(1)
        .max(MAX_CHOICES),
    })
    .nullish(),
});
export type ChatRequest = z.infer<typeof ChatRequest>;

export const CompletionRequest = z.strictObject({
  ...sampling,
  prompt: z.string().max(MAX_PROMPT_CHARACTERS),
  max_tokens: z.int().min(0).default(16),
  echo: z.boolean().default(false),
  logprobs: z.int().min(0).max(1).nullish(),
});
export type CompletionRequest = z.infer<typeof CompletionRequest>;

export function stopList(stop: string | string[] | null | undefined): string[] {
  return typeof stop === 'string' ? [stop] : (stop ?? []);
}
