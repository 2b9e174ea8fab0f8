/** The finance person: what does a right answer cost, and does anything cheaper do? */
import type { Reviewer, ReviewSentence } from '../../protocol/review.js';
import { type ReviewFacts, sentence } from './review-facts.js';

export const FINANCE_PERSON: Reviewer = {
  id: 'finance-person',
  name: 'Finance person',
  lens: 'cost of a right answer',
  motto: 'A cheap wrong answer is the most expensive one we have.',
  kind: 'rule',
};

/** Up to this the difference is within what a machine's price varies. */
const MOST_TIMES_THE_CHEAPEST = 1.25;

export function askFinancePerson({ candidate, gate, cost_of_right, right_share, is_scorer }: ReviewFacts): ReviewSentence[] {
  if (is_scorer) return [sentence(false, 'not measured', 'What a right score costs was {}.')];
  if (right_share === null) return [sentence(false, 'no figure', 'There is {} for what is a right answer, so none for what it costs.')];
  const money = (cost: number) => `${cost.toFixed(cost < 0.1 ? 4 : 2)} ${gate.currency}`;
  const own = cost_of_right.find((entry) => entry.candidate === candidate.name)?.cost ?? null;
  if (own === null) return [sentence(false, 'no right answer', 'It gave {}, so there is no price for one.')];
  // A constant answer costs nothing and is worth what it is: it is no yardstick for a price.
  const others = cost_of_right.flatMap(({ candidate: name, cost }) =>
    name !== candidate.name && cost !== null && cost > 0 ? [{ name, cost }] : [],
  );
  const cheapest = others.sort((a, b) => a.cost - b.cost)[0];
  if (!cheapest) return [sentence(true, money(own), 'A thousand right answers cost {}; none of the others has a price.')];
  return [
    sentence(
      own <= cheapest.cost * MOST_TIMES_THE_CHEAPEST,
      money(own),
      `A thousand right answers cost {} at ${gate.price_per_hour} ${gate.currency} an hour; the cheapest of the others, ${cheapest.name}, costs ${money(cheapest.cost)}.`,
    ),
  ];
}
