/** Weights out of a run, with hashes and lineage. artifact.json is written last: its presence means done. */
import { z } from 'zod';
import { ModuleCoverage } from './event.js';
import { METHOD_NAMES } from './methods/methods.js';
import { Message } from './row.js';

export const HashedFile = z.strictObject({ path: z.string(), sha256: z.string(), bytes: z.int() });
export type HashedFile = z.infer<typeof HashedFile>;

/** What a reward model makes of dev pairs. */
export const RewardFigures = z.strictObject({
  num_pairs: z.int(),
  num_right: z.int().describe('whose better answer has the higher reward'),
  mean_reward: z.number(),
  length_correlation: z.number().nullable().describe('of reward and tokens of an answer; null: either does not vary'),
  num_matched_pairs: z.int().describe('whose answers differ by a tenth of their tokens at most'),
  num_right_matched: z.int(),
});
export type RewardFigures = z.infer<typeof RewardFigures>;

export const Artifact = z.strictObject({
  kind: z.enum(['adapter', 'model', 'reward-model']),
  method: z.enum(METHOD_NAMES),
  run: z.string(),
  base: z.strictObject({ id: z.string(), sha256: z.string(), quantization: z.string() }),
  parents: z
    .array(z.strictObject({ run: z.string(), sha256: z.string().describe('of its artifact.json') }))
    .describe('runs whose artifacts it started from'),
  files: z.array(HashedFile),
  lineage: z.strictObject({
    plan_sha256: z.string(),
    train_sha256: z.string(),
    num_attempts: z.int(),
    num_steps: z.int(),
    best_step: z.int().nullable().describe('the step whose weights these are, where that is not the last'),
  }),
  train_loss: z.number(),
  dev_loss: z.number().nullable(),
  logits_change: z
    .number()
    .describe('largest absolute change of a logit by the training on the reference rows; of a reward model, of a reward'),
  /** Null in what an earlier version wrote. */
  reward: RewardFigures.nullable().default(null).describe('of a reward model, where there are dev pairs'),
  coverage: z.array(ModuleCoverage),
  versions: z.record(z.string(), z.string()),
});
export type Artifact = z.infer<typeof Artifact>;

/** Its dev loss by its name, of the step whose weights these are. */
export function keptDevLoss({ dev_loss, lineage }: Pick<Artifact, 'dev_loss' | 'lineage'>): string | null {
  if (dev_loss === null) return null;
  return lineage.best_step === null
    ? `last dev loss ${dev_loss.toFixed(4)}`
    : `best dev loss ${dev_loss.toFixed(4)}, of step ${lineage.best_step}`;
}

/** One line of parity-reference.jsonl: what the trained model makes of a conversation, teacher-forced. */
export const ParityReference = z.strictObject({
  messages: z.array(Message),
  tools: z.array(z.unknown()).optional(),
  text: z.string(),
  token_ids: z.array(z.int()),
  logprobs: z.array(z.number()).describe('of token i + 1 given tokens 0…i, natural log; one shorter than token_ids'),
  trained_logprobs: z
    .array(z.number())
    .optional()
    .describe('the same of the 4-bit model that was trained, where the base of logprobs is float32'),
});
export type ParityReference = z.infer<typeof ParityReference>;

/** One line of reward-reference.jsonl: what a reward model makes of a conversation. */
export const RewardReference = z.strictObject({
  messages: z.array(Message),
  tools: z.array(z.unknown()).optional(),
  text: z.string(),
  token_ids: z.array(z.int()),
  reward: z.number(),
});
export type RewardReference = z.infer<typeof RewardReference>;
