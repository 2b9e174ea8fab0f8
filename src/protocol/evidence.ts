/** One measurement. Lines of evidence/<channel>.jsonl, each with the hash of the gate it was gathered under. */
import { z } from 'zod';
import { EngineFacts } from './endpoint.js';
import { AnswerScores } from './metrics/metrics.js';
import { ReviewSentence } from './review.js';

const base = {
  id: z.string(),
  at: z.iso.datetime(),
  channel: z.enum(['measured', 'reviews']),
  producer: z.string(),
  gate_sha256: z.string(),
  candidates: z
    .array(z.strictObject({ name: z.string(), identity: z.string() }))
    .min(1)
    .max(2)
    .describe('two where they were compared'),
  example_id: z.string().describe('hash of the row or question'),
  group: z.string().describe('rows of one group are not independent'),
  repeat: z.int().min(0),
  facts: EngineFacts.nullable(),
};

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
    text_at_ms: z.array(z.number()).min(1).describe('when each piece of text came, after the request'),
    ended_at_ms: z.number(),
    time_to_first_token_ms: z.number(),
    decode_ms: z.number().describe('from the first token to the end'),
    other_cores: z
      .number()
      .min(0)
      .optional()
      .describe('that other programs used meanwhile; not there: not known, or another machine answered'),
    prompt_tokens: z.int(),
    completion_tokens: z.int(),
  }),
  z.strictObject({
    kind: z.literal('likelihood'),
    ...base,
    reference_sha256: z.string().describe("of the base's greedy answer"),
    base_token_logprobs: z.array(z.number()).min(1).describe('of the answer tokens, nats'),
    token_logprobs: z.array(z.number()).min(1),
    base_logprob: z.number().describe('mean over the answer tokens, nats'),
    logprob: z.number(),
  }),
  z.strictObject({
    kind: z.literal('reference'),
    ...base,
    token_logprobs: z.array(z.number()).min(1).describe('of the reference answer, nats'),
    logprob: z.number().describe('their mean'),
  }),
  z.strictObject({
    kind: z.literal('preference'),
    ...base,
    chosen_token_logprobs: z.array(z.number()).min(1).describe('of the better answer of a pair, nats'),
    rejected_token_logprobs: z.array(z.number()).min(1),
    chosen_logprob: z.number().describe('their mean'),
    rejected_logprob: z.number(),
  }),
  z.strictObject({
    kind: z.literal('scored-pair'),
    ...base,
    chosen_reward: z.number().describe('of the better answer of a pair, by a reward model that is a candidate'),
    rejected_reward: z.number(),
  }),
  z.strictObject({
    kind: z.literal('reward'),
    ...base,
    reward_model_sha256: z.string().describe("of the artifact.json of the gate's reward model"),
    answer_sha256: z.string().describe("of the candidate's answer to this row"),
    reward: z.number(),
    reference_reward: z.number().describe('of the reference answer to the same prompt'),
  }),
  z.strictObject({
    kind: z.literal('function-score'),
    ...base,
    answer_sha256: z.string().describe("of the candidate's answer to this row"),
    value: z.number().min(0).max(1).describe("that the gate's function gives it"),
  }),
  z.strictObject({ kind: z.literal('not-measured'), ...base, what: z.string(), reason: z.string() }),
  z.strictObject({
    kind: z.literal('review'),
    ...base,
    stance: z.enum(['ship', 'skip']),
    sentences: z.array(ReviewSentence).min(1),
    evidence_sha256: z.string().describe('of the measured lines that it rests on'),
  }),
]);
export type Evidence = z.infer<typeof Evidence>;
export type AnswerEvidence = Extract<Evidence, { kind: 'answer' }>;
export type TimingEvidence = Extract<Evidence, { kind: 'timing' }>;
export type ReferenceEvidence = Extract<Evidence, { kind: 'reference' }>;
export type ScoredPairEvidence = Extract<Evidence, { kind: 'scored-pair' }>;
export type RewardEvidence = Extract<Evidence, { kind: 'reward' }>;
export type FunctionEvidence = Extract<Evidence, { kind: 'function-score' }>;
export type PreferenceEvidence = Extract<Evidence, { kind: 'preference' }>;
export type LikelihoodEvidence = Extract<Evidence, { kind: 'likelihood' }>;
export type ReviewEvidence = Extract<Evidence, { kind: 'review' }>;

/** A quarter of a core is what a desktop at rest uses; beyond it a timing is one under load. */
export const QUIET_CORES = 0.25;

/** Whether a line is of that candidate, alone or with another. */
export function isOf(line: Evidence, candidate: string): boolean {
  return line.candidates.some(({ name }) => name === candidate);
}
