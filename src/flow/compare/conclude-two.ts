/** What the verdicts on two candidates, each as the challenger of the other, mean together. A pure function. */
import { MIN_GROUPS } from '../../compare/verdict/bounds.js';
import { metricModule } from '../../protocol/metrics/metrics.js';
import type { BaselineVerdict, Verdict } from '../../protocol/verdict.js';

/** Shares closer than this are of no use to choose by: five points of the rows. Of a metric without a range there is no such limit. */
const EQUIVALENCE_MARGIN = 0.05;

export function concludeTwoWay(verdicts: Verdict[]): string {
  const shipped = verdicts.find(({ decision }) => decision === 'ship');
  if (shipped) return `${shipped.challenger} is better`;
  const first = verdicts[0] as Verdict;
  const { difference, num_groups, num_rows } = first.baselines[0] as BaselineVerdict;
  const usedUp = verdicts.find(({ would_be }) => would_be === 'ship');
  if (usedUp) return `not decided: ${usedUp.because.split(';')[0]}`;
  if (num_rows === 0) return 'not decided: no row was measured of both';
  const { amount, range } = metricModule(first.metric);
  if (num_groups < MIN_GROUPS) return `too few rows: ${num_groups} groups, a verdict needs ${MIN_GROUPS}`;
  const isWithin = range !== null && difference.low >= -EQUIVALENCE_MARGIN && difference.high <= EQUIVALENCE_MARGIN;
  if (isWithin) return `no difference of ${amount(EQUIVALENCE_MARGIN)} or more: choose by price or licence`;
  return `not decided: the difference is between ${amount(difference.low)} and ${amount(difference.high)}, and more rows would narrow it`;
}
