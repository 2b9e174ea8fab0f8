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
    'prompts differ inside a pair',
    'contradicts another row',
    'better answers are longer',
    'better answers are shorter',
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
