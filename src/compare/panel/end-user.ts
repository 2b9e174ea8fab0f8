/** The end user: is my answer right, and do I wait for it? */
import type { Reviewer, ReviewSentence } from '../../protocol/review.js';
import { milliseconds, percent } from '../../protocol/units.js';
import { median, type ReviewFacts, sentence } from './review-facts.js';

export const END_USER: Reviewer = {
  id: 'end-user',
  name: 'End user',
  lens: 'right answers, waiting',
  motto: 'I do not care how it works. Is it right?',
  kind: 'rule',
};

/** Checking every answer costs more than it saves when fewer than this are right. */
const LEAST_RIGHT = 0.6;
const LONGEST_WAIT_MS = 10_000;

export function askEndUser({ right_share, answers, is_scorer }: ReviewFacts): ReviewSentence[] {
  const wait = median(answers.map(({ duration_ms }) => duration_ms));
  const sentences = [
    right_share === null
      ? sentence(false, 'not known', 'How often it is right is {}: nobody has told me.')
      : sentence(
          right_share >= LEAST_RIGHT,
          percent(right_share),
          `It is right {} of the time; under ${percent(LEAST_RIGHT)} I check every answer myself.`,
        ),
  ];
  if (is_scorer) return sentences;
  return [
    ...sentences,
    wait === null
      ? sentence(false, 'no answer', 'I have seen {} of it.')
      : sentence(
          wait <= LONGEST_WAIT_MS,
          milliseconds(wait),
          `Half of my answers are there within {}; over ${milliseconds(LONGEST_WAIT_MS)} I do something else.`,
        ),
  ];
}
