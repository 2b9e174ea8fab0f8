/** The sceptic: would the figure be there again tomorrow? */
import { answerKind, metricModule, scoresAnswers } from '../../protocol/metrics/metrics.js';
import type { Reviewer, ReviewSentence } from '../../protocol/review.js';
import { percent } from '../../protocol/units.js';
import { MANY_GROUPS } from '../verdict/bounds.js';
import { type ReviewFacts, sentence } from './review-facts.js';

export const SCEPTIC: Reviewer = {
  id: 'sceptic',
  name: 'Sceptic',
  lens: 'bounds, sample size, luck',
  motto: 'Show me the bound, not the average.',
  kind: 'rule',
};

/** One answer to most questions is a habit, whatever the question was. */
const MOST_REPEATED = 0.5;

export function askSceptic({ gate, hardest, answers, is_scorer }: ReviewFacts): ReviewSentence[] {
  const { difference, baseline, num_groups } = hardest;
  const sentences = [
    sentence(
      difference.low > 0,
      metricModule(gate.metric).amount(difference.low).replace('-', '−'),
      `Against ${baseline}, the hardest of the others, the lower bound of its lead is {}; above zero is a lead, anything else may be luck.`,
    ),
    sentence(
      num_groups >= MANY_GROUPS,
      `${num_groups} independent groups`,
      `That rests on {}; under ${MANY_GROUPS} the next customer may be of a kind that nobody has seen.`,
    ),
  ];
  if (is_scorer) return sentences;
  if (gate.metric === 'reward_win_rate') {
    sentences.push(
      sentence(
        false,
        'a model’s opinion',
        'What its answers are worth is {}: a tuned model learns what a reward model likes, good or not.',
      ),
    );
  } else if (!scoresAnswers(gate.metric)) {
    sentences.push(sentence(false, 'not a measure of quality', 'How likely it finds given answers is {}: nobody has judged what it says.'));
  }
  if (answerKind(gate.metric) !== 'label') {
    const share = mostRepeated(answers.map(({ answer }) => answer));
    sentences.push(sentence(share <= MOST_REPEATED, percent(share), 'Its most frequent answer is {} of all its answers.'));
  }
  return sentences;
}

function mostRepeated(answers: string[]): number {
  const counts = new Map<string, number>();
  for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  return answers.length === 0 ? 0 : Math.max(...counts.values()) / answers.length;
}
