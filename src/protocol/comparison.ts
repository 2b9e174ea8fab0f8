/** comparison.json: what is compared, and what has to be served for it. Written before the first evidence. */
import { z } from 'zod';

/**
 * 2: candidates have `model_ref`, lines of evidence name their candidates in a list, reviews are evidence.
 * 3: the ledger has what was opened and judged, lines of evidence have the raw values of their figures, several bases are served.
 * Of an earlier format, identities, attempts and figures cannot be recomputed.
 */
export const COMPARISON_FORMAT = 3;

export const ComparisonRecord = z.strictObject({
  format: z.literal(COMPARISON_FORMAT),
  created_at: z.iso.datetime(),
  slipway_version: z.string(),
  data: z.string().optional().describe('what the test rows were read from: a file, a sample, or a run'),
  local: z
    .array(z.strictObject({ model: z.string(), runs: z.array(z.string()) }))
    .describe('base models, each with the runs whose adapters are served beside it'),
  endpoints: z.array(
    z.strictObject({
      base_url: z.url(),
      model: z.string(),
      api_key_env: z.string().nullable().describe('the environment variable that has its key; the key itself is never in this record'),
      name: z.string().optional().describe('of an endpoint that the home keeps, with its key'),
    }),
  ),
  reward_model: z
    .strictObject({ run: z.string(), artifact_sha256: z.string() })
    .optional()
    .describe('what the gate names, as it was when the comparison was opened'),
  reopened: z.int().min(0).describe('how often the same was opened before, and its folder is gone'),
  caveats: z
    .array(z.string())
    .describe('what was refused and then allowed by the recipe, and how often the reward model is right; every verdict shows it'),
  challengers: z.array(z.string()).min(1).describe('judged in turn'),
});
export type ComparisonRecord = z.infer<typeof ComparisonRecord>;
