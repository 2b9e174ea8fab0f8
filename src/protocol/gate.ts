/** The rule fixed before the evidence. Its hash is on every line of evidence gathered under it. */
import { z } from 'zod';
import { CandidateRecipe, JsonSchema } from './candidate.js';
import type { AnswerForm } from './metrics/metric.js';
import { Metric } from './metrics/metrics.js';

/** A Python or JavaScript file with `score(answer, expected, question)`, which gives a number from 0 to 1. */
export const GateFunction = z.strictObject({
  file: z.string().regex(/\.(py|js|mjs)$/, 'must end in .py, .js or .mjs'),
  source: z.string().max(100_000).default('').describe('its text, read with the gate: what scores is part of what is hashed'),
});
export type GateFunction = z.infer<typeof GateFunction>;

export const Gate = z.strictObject({
  challenger: z.string().min(1),
  baselines: z.array(z.string().min(1)).min(1).max(16),
  metric: Metric,
  reward_model: z
    .string()
    .min(1)
    .optional()
    .describe('a run: the reward model that scores the candidates’ answers, trained on other prompts than those of the test rows'),
  margin: z.number().min(-1).max(1).describe('share of rows, 0.10 is ten points; with reference_logprob nats a token'),
  noninferiority: z.literal(true).optional(),
  looks: z
    .int()
    .positive()
    .max(100)
    .default(1)
    .describe('attempts that are planned on these test rows; each is judged at 1 − 0.05 / looks'),
  guardrails: z
    .strictObject({
      valid_json: z.number().min(0).max(1).optional().describe('least share of valid JSON'),
      time_to_first_token_ms: z.number().positive().optional().describe('largest median, warm'),
      forgetting_nats: z
        .number()
        .positive()
        .optional()
        .describe("largest mean loss of log-probability a token of the base's everyday answers"),
    })
    .default({}),
  price_per_hour: z
    .number()
    .positive()
    .describe('of the machine that answers, in currency; without it that of the home (`slipway price`), or 0.05 USD')
    .default(0.05),
  currency: z.string().default('USD'),
  price_set_on: z.iso.date().optional().describe('when the price of the home was set; a gate that names its own has none'),
  candidates: z.record(z.string(), CandidateRecipe),
  schema: JsonSchema.optional().describe('JSON Schema of an answer; its properties are the fields'),
  pattern: z.string().min(1).max(500).optional().describe('regular expression of metric regex (JavaScript, with the flag u)'),
  tolerance: z
    .strictObject({ absolute: z.number().min(0).default(0), relative: z.number().min(0).max(1).default(0) })
    .optional()
    .describe('of metric numeric: a number is right within the larger of `absolute` and `relative` times the reference'),
  function: GateFunction.optional().describe('of metric function: the file lies beside the gate'),
  labels: z.array(z.string().min(1)).min(2).max(1000).optional().describe('all possible answers, for accuracy'),
});
export type Gate = z.infer<typeof Gate>;

/** What the metrics need of a gate. */
export function answerForm({ schema, pattern, tolerance }: Gate): AnswerForm {
  return { fields: Object.keys((schema?.properties ?? {}) as object), pattern, tolerance };
}
