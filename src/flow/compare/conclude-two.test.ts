import { describe, expect, test } from 'vitest';
import type { Decision, Verdict } from '../../protocol/verdict.js';
import { concludeTwoWay } from './conclude-two.js';

interface Told {
  low: number;
  high: number;
  num_groups: number;
  decision?: Decision;
  would_be?: Decision;
}

const verdicts = ({ low, high, num_groups, decision = 'hold', would_be }: Told) =>
  ['mine', 'theirs'].map((challenger) => ({
    challenger,
    metric: 'accuracy',
    decision: challenger === 'mine' ? decision : 'hold',
    would_be: challenger === 'mine' ? (would_be ?? null) : null,
    because: 'these rows are used up: 2 attempts, 1 planned; and more',
    baselines: [{ difference: { estimate: (low + high) / 2, low, high }, num_groups, num_rows: num_groups }],
  })) as unknown as Verdict[];
const conclude = (told: Told) => concludeTwoWay(verdicts(told));

describe('two candidates', () => {
  test.each<[string, Told, RegExp]>([
    ['one ships', { low: 0.1, high: 0.3, num_groups: 40, decision: 'ship' }, /^mine is better$/],
    ['three rows show nothing', { low: -1, high: 1, num_groups: 3 }, /^too few rows: 3 groups, a verdict needs 10$/],
    ['rows that show no difference', { low: -0.04, high: 0.03, num_groups: 900 }, /^no difference of 5\.0 points or more: choose by price/],
    ['wide bounds are no equality', { low: -0.12, high: 0.2, num_groups: 40 }, /^not decided: .* -12\.0 points and 20\.0 points/],
    ['nothing measured', { low: -1, high: 1, num_groups: 0 }, /^not decided: no row was measured of both$/],
    ['beyond the plan', { low: 0.1, high: 0.3, num_groups: 40, would_be: 'ship' }, /^not decided: these rows are used up/],
  ])('%s', (_, told, expected) => {
    expect(conclude(told)).toMatch(expected);
  });
});
