/** One test row with the candidates' answers side by side. */
import { z } from 'zod';

export const Example = z.strictObject({
  example_id: z.string(),
  kind: z.string().describe('who has it right'),
  question: z.string(),
  reference: z.string(),
  worse: z.string().optional().describe('of a pair; the reference is its better answer'),
  answers: z.array(
    z.strictObject({
      candidate: z.string(),
      answer: z.string().describe('of a model that scores given answers, its scores in words'),
      note: z.string().optional().describe('what a reward model makes of it'),
      right: z.boolean().nullable().describe('null: no rule can score it'),
    }),
  ),
});
export type Example = z.infer<typeof Example>;
