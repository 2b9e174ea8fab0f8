/** What the gate says of the challenger, with every figure it rests on. */
import { z } from 'zod';
import { Metric } from './gate.js';

/** Shares are 0…1, nats and milliseconds as named. */
export const Interval = z.strictObject({ estimate: z.number(), low: z.number(), high: z.number() });
export type Interval = z.infer<typeof Interval>;

export const Decision = z.enum(['ship', 'skip', 'hold']);
export type Decision = z.infer<typeof Decision>;

/** Shown with their labels; they never decide. */
export const ShownStatistics = z.strictObject({
  mcnemar_p: z.number(),
  wins: z.int(),
  losses: z.int(),
  bootstrap: Interval,
});

export const OpponentVerdict = z.strictObject({
  opponent: z.string(),
  difference: Interval,
  standard_deviation: z.number().describe('of the cluster means of the difference'),
  num_rows: z.int(),
  num_clusters: z.int(),
  decision: Decision,
  more_clusters: z.int().nullable().describe('that would settle a hold; null: too close to call, or not a hold'),
  shown: ShownStatistics,
});
export type OpponentVerdict = z.infer<typeof OpponentVerdict>;

export const FloorVerdict = z.strictObject({
  floor: z.enum(['valid_json', 'time_to_first_token_ms', 'forgetting_nats']),
  limit: z.number(),
  measured: Interval.nullable().describe('null: not measured'),
  state: z.enum(['holds', 'fails', 'open']),
});
export type FloorVerdict = z.infer<typeof FloorVerdict>;

export const CandidateFigures = z.strictObject({
  candidate: z.string(),
  num_rows: z.int(),
  valid_json: z.number().optional(),
  exact_fields: z.number().optional(),
  exact_record: z.number().optional(),
  exact_record_wilson: Interval.optional(),
  accuracy: z.number().optional(),
  accuracy_wilson: Interval.optional(),
  reference_logprob: z.number().nullable().optional(),
  tokens_per_second: z.number().nullable(),
  time_to_first_token_cold_ms: z.number().nullable(),
  time_to_first_token_warm_ms: z.number().nullable(),
  cost_per_million_tokens: z.number().nullable(),
  forgetting_nats: z.number().nullable(),
});
export type CandidateFigures = z.infer<typeof CandidateFigures>;

export const Verdict = z.strictObject({
  at: z.iso.datetime(),
  look: z.int().positive(),
  gate_sha256: z.string(),
  evidence_sha256: z.string(),
  decision: Decision,
  channel: z.enum(['measured']),
  challenger: z.string(),
  metric: Metric,
  margin: z.number(),
  is_noninferiority: z.boolean(),
  because: z.string(),
  opponents: z.array(OpponentVerdict),
  floors: z.array(FloorVerdict),
  candidates: z.array(CandidateFigures),
  currency: z.string(),
  not_measured: z.array(z.string()),
});
export type Verdict = z.infer<typeof Verdict>;
