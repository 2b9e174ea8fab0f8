/** One test row with the candidates' answers side by side. */
import { z } from 'zod';

export const Example = z.strictObject({
  example_id: z.string(),
  kind: z.string().describe('who has it right'),
  question: z.string(),
  reference: z.string(),
  answers: z.array(
    z.strictObject({ candidate: z.string(), answer: z.string(), right: z.boolean().nullable().describe('null: no rule can score it') }),
  ),
});
export type Example = z.infer<typeof Example>;
