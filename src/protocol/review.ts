/** Who reviews, and what a review is made of; reviews themselves are evidence. */
import { z } from 'zod';

export const ReviewSentence = z.strictObject({
  text: z.string(),
  figure: z.string().describe('as it is in the text'),
  holds: z.boolean().describe('false: a reason to skip'),
});
export type ReviewSentence = z.infer<typeof ReviewSentence>;

export const Reviewer = z.strictObject({
  id: z.string(),
  name: z.string(),
  lens: z.string().describe('what it looks at'),
  motto: z.string(),
  kind: z.enum(['rule']),
});
export type Reviewer = z.infer<typeof Reviewer>;

/** What a reviewer says of a candidate: each sentence quotes the figure it rests on. */
export interface Review {
  reviewer: string;
  candidate: string;
  stance: 'ship' | 'skip';
  sentences: ReviewSentence[];
}
