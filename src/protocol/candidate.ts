/** A way to answer: a model or adapter with a prompt and decoding rules. */
import { z } from 'zod';

export const JsonSchema = z.record(z.string(), z.unknown());

export const Decoding = z.strictObject({
  temperature: z.number().min(0).max(2).default(0),
  max_tokens: z.int().positive().max(32_768).default(160),
  json_schema: z.boolean().default(false).describe("constrain answers to the gate's schema"),
  choice: z.literal(true).optional().describe("constrain answers to the gate's labels"),
});
export type Decoding = z.infer<typeof Decoding>;

/** A candidate as the gate file writes it. */
export const CandidateRecipe = z.strictObject({
  model: z.string().min(1).optional().describe('`base`, `tuned`, or the id of a served model'),
  constant: z.string().min(1).optional().describe('answers every question with this text; in place of a model'),
  system: z.string().optional().describe("replaces the rows' own system prompt"),
  num_examples: z.int().min(0).max(64).default(0).describe('train rows shown as chat turns before the question'),
  decoding: Decoding.prefault({}),
});
export type CandidateRecipe = z.infer<typeof CandidateRecipe>;

/** A candidate with everything that makes its answers; `identity` is the hash of the rest but the name. */
export const Candidate = z.strictObject({
  name: z.string(),
  model: z.string().describe('what the endpoint calls its model: it goes into the request'),
  model_ref: z.string().describe('how Slipway refers to it: a model, a run, or http://host:port/v1#model'),
  model_sha256: z.string(),
  adapter_sha256: z.string().nullable(),
  constant: z.string().optional(),
  system: z.string().nullable(),
  examples: z.array(z.strictObject({ role: z.enum(['system', 'user', 'assistant', 'tool']), content: z.string() })),
  decoding: Decoding,
  schema: JsonSchema.nullable(),
  labels: z.array(z.string()).optional(),
  identity: z.string(),
});
export type Candidate = z.infer<typeof Candidate>;
