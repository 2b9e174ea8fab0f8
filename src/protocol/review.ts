/** What a reviewer says of a candidate: each sentence quotes the figure it rests on. */
import { z } from 'zod';

export const ReviewSentence = z.strictObject({
  text: z.string(),
  figure: z.string().describe('as it stands in the text'),
  holds: z.boolean().describe('false: a reason to skip'),
});
export type ReviewSentence = z.infer<typeof ReviewSentence>;

export const Review = z.strictObject({
  reviewer: z.string(),
  candidate: z.string(),
  stance: z.enum(['ship', 'skip']),
  sentences: z.array(ReviewSentence).min(1),
});
export type Review = z.infer<typeof Review>;

export const Reviewer = z.strictObject({
  id: z.string(),
  name: z.string(),
  lens: z.string().describe('what it looks at'),
  motto: z.string(),
  kind: z.enum(['rule']),
});
export type Reviewer = z.infer<typeof Reviewer>;
