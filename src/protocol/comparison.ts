/** comparison.json: what is compared, and what has to be served for it. Written before the first evidence. */
import { z } from 'zod';

/**
 * 2: candidates have `model_ref`, lines of evidence name their candidates in a list, reviews are evidence. Comparisons of
 * format 1 had none of these: their identities and their hashes of evidence cannot be recomputed.
 */
export const COMPARISON_FORMAT = 2;

export const ComparisonRecord = z.strictObject({
  format: z.literal(COMPARISON_FORMAT),
  created_at: z.iso.datetime(),
  slipway_version: z.string(),
  local: z
    .strictObject({ model: z.string(), runs: z.array(z.string()) })
    .nullable()
    .describe('a base model and the runs whose adapters are served beside it'),
  endpoints: z.array(z.strictObject({ base_url: z.url(), model: z.string() })),
  challengers: z.array(z.string()).min(1).describe('judged in turn'),
});
export type ComparisonRecord = z.infer<typeof ComparisonRecord>;
