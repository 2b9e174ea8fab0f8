/** The gate's decision on the challenger, with every figure it rests on. */
import { z } from 'zod';
import { Metric, metricModule } from './metrics/metrics.js';

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

export const BaselineVerdict = z.strictObject({
  baseline: z.string(),
  difference: Interval,
  standard_deviation: z.number().describe('of the group means of the difference'),
  num_rows: z.int(),
  num_groups: z.int(),
  decision: Decision,
  more_groups: z.int().nullable().describe('that would settle a hold; null: too close to call, or not a hold'),
  shown: ShownStatistics,
});
export type BaselineVerdict = z.infer<typeof BaselineVerdict>;

export const GuardrailVerdict = z.strictObject({
  guardrail: z.enum(['valid_json', 'time_to_first_token_ms', 'forgetting_nats']),
  limit: z.number(),
  measured: Interval.nullable().describe('null: not measured'),
  state: z.enum(['holds', 'fails', 'open']),
});
export type GuardrailVerdict = z.infer<typeof GuardrailVerdict>;

/** The mean of each metric that was measured, null where nothing was; of counts Wilson's interval too. */
type MetricFigures = Record<Metric, z.ZodOptional<z.ZodNullable<z.ZodNumber>>> & Record<`${Metric}_wilson`, z.ZodOptional<typeof Interval>>;
const metricFigures = Object.fromEntries(
  Metric.options.flatMap((metric): [string, z.ZodType][] => [
    [metric, z.number().nullable().optional()],
    ...(metricModule(metric).is_count ? [[`${metric}_wilson`, Interval.optional()] as [string, z.ZodType]] : []),
  ]),
) as MetricFigures;

export const CandidateFigures = z.strictObject({
  candidate: z.string(),
  num_rows: z.int(),
  ...metricFigures,
  tokens_per_second: z.number().nullable(),
  time_to_first_token_cold_ms: z.number().nullable(),
  time_to_first_token_warm_ms: z.number().nullable(),
  cost_per_million_tokens: z.number().nullable(),
  forgetting_nats: z.number().nullable(),
  other_cores: z.number().optional().describe('that other programs used while it was timed, at the most disturbed of the kept rows'),
});
export type CandidateFigures = z.infer<typeof CandidateFigures>;

export const Verdict = z.strictObject({
  at: z.iso.datetime(),
  attempt: z.int().positive().describe('on these rows, whatever seed, recipe, margin or gate'),
  planned_attempts: z.int().positive().describe('they share 5 %'),
  would_be: Decision.nullable().describe('beyond the plan: what it would have been within it'),
  caveats: z.array(z.string()).describe('what was refused and then allowed by the recipe'),
  gate_sha256: z.string(),
  evidence_sha256: z.string(),
  decision: Decision,
  channel: z.enum(['measured']),
  challenger: z.string(),
  metric: Metric,
  margin: z.number(),
  is_noninferiority: z.boolean(),
  because: z.string(),
  baselines: z.array(BaselineVerdict),
  guardrails: z.array(GuardrailVerdict),
  candidates: z.array(CandidateFigures),
  currency: z.string(),
  not_measured: z.array(z.string()),
});
export type Verdict = z.infer<typeof Verdict>;
