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

/** An endpoint that a home keeps under a name, with its key: the key goes into requests and is never shown. */
export const KeptEndpoint = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/, 'must be letters, digits, dots, dashes and underscores, at most 60'),
  base_url: z
    .url({ protocol: /^https?$/, message: 'must be an address such as https://host:port/v1' })
    .refine((url) => URL.canParse(url) && new URL(url).username === '', 'must hold no user name: write the key where keys are written')
    .transform((url) => url.replace(/\/$/, '')),
  model: z.string().min(1, 'name the model that answers there').max(500),
  api_key: z
    .string()
    .max(10_000)
    .regex(/^[\x21-\x7e]*$/, 'must be one word of ASCII characters, as it goes into a header')
    .transform((key) => key || null)
    .nullable(),
  kept_at: z.iso.datetime(),
});
export type KeptEndpoint = z.infer<typeof KeptEndpoint>;

/** What is shown of it. */
export type ShownEndpoint = Omit<KeptEndpoint, 'api_key'> & { has_key: boolean };

export function shownEndpoint({ api_key, ...rest }: KeptEndpoint): ShownEndpoint {
  return { ...rest, has_key: api_key !== null };
}

/** Whether what is sent to it stays on this machine. */
export function isOnThisMachine(base_url: string): boolean {
  const { hostname } = new URL(base_url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
}
