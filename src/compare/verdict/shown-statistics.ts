/** Statistics that are shown with their labels and never decide: McNemar, Wilson, bootstrap. */
import type { Interval } from '../../protocol/verdict.js';
import type { GroupedValue } from './bounds.js';
import { binomialBelow } from './distributions.js';

/** Two-sided exact p of McNemar's test on rows that only one of two candidates has right. */
export function mcNemarP(wins: number, losses: number): number {
  const discordant = wins + losses;
  return discordant === 0 ? 1 : Math.min(1, 2 * binomialBelow(Math.min(wins, losses), discordant, 0.5));
}

/** Wilson's score interval of k of n, 95 % (Wilson 1927). */
export function wilson(k: number, n: number): Interval {
  if (n === 0) return { estimate: 0, low: 0, high: 1 };
  const z = 1.959963984540054;
  const p = k / n;
  const centre = (p + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const reach = (z / (1 + (z * z) / n)) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return { estimate: p, low: Math.max(0, centre - reach), high: Math.min(1, centre + reach) };
}

const RESAMPLES = 2000;

/** Percentile bootstrap of the mean over whole groups, 95 %, the same for the same values. */
export function groupBootstrap(values: GroupedValue[]): Interval {
  const byGroup = new Map<string, number[]>();
  for (const { value, group } of values) byGroup.set(group, [...(byGroup.get(group) ?? []), value]);
  const groups = [...byGroup.values()];
  const next = linearCongruential(20261124);
  const means = Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    let count = 0;
    for (let i = 0; i < groups.length; i++) {
      const group = groups[Math.floor(next() * groups.length)] as number[];
      for (const value of group) sum += value;
      count += group.length;
    }
    return sum / count;
  }).sort((a, b) => a - b);
  const estimate = values.reduce((sum, { value }) => sum + value, 0) / values.length;
  return { estimate, low: means[Math.floor(RESAMPLES * 0.025)] as number, high: means[Math.floor(RESAMPLES * 0.975)] as number };
}

/** Numbers from 0 to 1; constants of Numerical Recipes 7.1. */
function linearCongruential(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}
