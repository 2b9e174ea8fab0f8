/** The platform engineer: will it hold up when it is called? */
import type { Reviewer, ReviewSentence } from '../../protocol/review.js';
import { milliseconds, percent } from '../../protocol/units.js';
import { type ReviewFacts, sentence } from './review-facts.js';

export const PLATFORM_ENGINEER: Reviewer = {
  id: 'platform-engineer',
  name: 'Platform engineer',
  lens: 'speed, broken answers',
  motto: 'If it pages me at three in the morning, it was never ready.',
  kind: 'rule',
};

/** Longer than this and people press the button again (Nielsen 1993 puts the limit of attention at 10 s, of flow at 1 s). */
const LONGEST_FIRST_TOKEN_MS = 3000;
/** About twice as fast as people read. */
const LEAST_TOKENS_PER_SECOND = 10;
const MOST_CUT_OFF = 0.01;
const LEAST_VALID_JSON = 0.98;

export function askPlatformEngineer({ candidate, figures, answers, gate, is_scorer }: ReviewFacts): ReviewSentence[] {
  if (is_scorer) return [sentence(false, 'not measured', 'How long a caller waits for a score was {}.')];
  const limit = gate.guardrails.time_to_first_token_ms ?? LONGEST_FIRST_TOKEN_MS;
  const cutOff = answers.filter(({ finish_reason }) => finish_reason === 'length').length / Math.max(1, answers.length);
  const sentences = [sentence(cutOff <= MOST_CUT_OFF, percent(cutOff), 'Of its answers {} were cut off before they ended.')];
  if (candidate.constant !== undefined) return [...sentences, sentence(true, '0 ms', 'It computes nothing: the wait is {}.')];
  const first = figures.time_to_first_token_warm_ms;
  const speed = figures.tokens_per_second;
  sentences.push(
    first === null
      ? sentence(false, 'not measured', 'How long a caller waits for the first token was {}.')
      : sentence(
          first <= limit,
          milliseconds(first),
          `The median time to the first token is {}; ${milliseconds(limit)} is the most I take.`,
        ),
    speed === null
      ? sentence(false, 'not measured', 'How fast it decodes was {}.')
      : sentence(
          speed >= LEAST_TOKENS_PER_SECOND,
          `${speed.toFixed(0)} tokens a second`,
          `It decodes {}; under ${LEAST_TOKENS_PER_SECOND} callers time out.`,
        ),
  );
  if (figures.valid_json != null) {
    sentences.push(
      sentence(
        figures.valid_json >= LEAST_VALID_JSON,
        percent(figures.valid_json),
        `Of its answers {} parse; each that does not is an exception in somebody's service.`,
      ),
    );
  }
  return sentences;
}
