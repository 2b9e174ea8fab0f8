/** One measurement. Lines of evidence/<channel>.jsonl, each with the hash of the gate it was gathered under. */
import { z } from 'zod';
import { EngineFacts } from './endpoint.js';

const base = {
  id: z.string(),
  at: z.iso.datetime(),
  channel: z.enum(['measured']),
  producer: z.string(),
  gate_sha256: z.string(),
  candidate: z.string(),
  candidate_identity: z.string(),
  example_id: z.string().describe('hash of the row or question'),
  group: z.string().describe('rows of one group are not independent'),
  repeat: z.int().min(0),
  facts: EngineFacts.nullable(),
};

/** Only those that the gate's kind of answer has. */
export const AnswerScores = z.strictObject({
  valid_json: z.number().optional(),
  exact_fields: z.number().describe('share of the fields that are right').optional(),
  exact_match: z.number().optional(),
  accuracy: z.number().optional(),
});
export type AnswerScores = z.infer<typeof AnswerScores>;

export const Evidence = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('answer'),
    ...base,
    answer: z.string(),
    finish_reason: z.string(),
    scores: AnswerScores,
    prompt_tokens: z.int(),
    completion_tokens: z.int(),
    duration_ms: z.number(),
  }),
  z.strictObject({
    kind: z.literal('timing'),
    ...base,
    is_cold: z.boolean().describe('no prefix of the prompt was in the cache'),
    time_to_first_token_ms: z.number(),
    decode_ms: z.number().describe('from the first token to the last'),
    prompt_tokens: z.int(),
    completion_tokens: z.int(),
  }),
  z.strictObject({
    kind: z.literal('likelihood'),
    ...base,
    reference_sha256: z.string().describe("of the base's greedy answer"),
    num_tokens: z.int(),
    base_logprob: z.number().describe('mean over the answer tokens, nats'),
    logprob: z.number(),
  }),
  z.strictObject({
    kind: z.literal('reference'),
    ...base,
    num_tokens: z.int(),
    logprob: z.number().describe('mean over the tokens of the reference answer, nats'),
  }),
  z.strictObject({ kind: z.literal('not-measured'), ...base, what: z.string(), reason: z.string() }),
]);
export type Evidence = z.infer<typeof Evidence>;
export type AnswerEvidence = Extract<Evidence, { kind: 'answer' }>;
export type TimingEvidence = Extract<Evidence, { kind: 'timing' }>;
export type ReferenceEvidence = Extract<Evidence, { kind: 'reference' }>;
export type LikelihoodEvidence = Extract<Evidence, { kind: 'likelihood' }>;
