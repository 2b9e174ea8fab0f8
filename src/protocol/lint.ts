/** What is risky in rows that can be learnt from. */
import { z } from 'zod';

export const LintWarning = z.strictObject({
  kind: z.enum([
    'repeated row',
    'near-duplicate',
    'roles out of order',
    'empty question',
    'answer repeats its prompt',
    'chosen equals rejected',
    'card number',
    'phone number',
    'email address',
    'longer than the context',
  ]),
  count: z.int(),
  examples: z.array(z.strictObject({ file: z.string(), line: z.int(), excerpt: z.string() })),
});
export type LintWarning = z.infer<typeof LintWarning>;

export const LintReport = z.strictObject({ num_rows: z.int(), warnings: z.array(LintWarning) });
export type LintReport = z.infer<typeof LintReport>;

/** Of a run's rows; overlap is by the hash of the prompt, and a recipe with any is refused. */
export const SplitsLint = LintReport.extend({
  overlap: z.strictObject({ dev_rows_in_train: z.int(), test_rows_in_train: z.int(), test_rows_in_dev: z.int() }),
});
export type SplitsLint = z.infer<typeof SplitsLint>;
