/** A base URL and a model id that speak the OpenAI API, and what is known of what answers there. */
import { z } from 'zod';

export const EngineFacts = z.strictObject({
  engine: z.string().describe('name and version'),
  quantization: z.string(),
  num_threads: z.int(),
  context_length: z.int(),
});
export type EngineFacts = z.infer<typeof EngineFacts>;

/** One entry of /v1/models. An adapter is a model whose `parent` is its base. */
export const ServedModel = z.object({
  id: z.string(),
  object: z.literal('model'),
  created: z.int(),
  owned_by: z.string(),
  parent: z.string().nullable().optional(),
  sha256: z.string().optional(),
  adapter_sha256: z.string().nullable().optional(),
  facts: EngineFacts.optional(),
  is_reward_model: z.literal(true).optional().describe('it scores answers at /v1/score, and writes none'),
  chat_template: z.string().optional().describe('what its messages are rendered with, for scoring given answers'),
});
export type ServedModel = z.infer<typeof ServedModel>;

export const Endpoint = z.strictObject({
  base_url: z.url(),
  model: z.string(),
  api_key: z.string().optional(),
});
export type Endpoint = z.infer<typeof Endpoint>;
