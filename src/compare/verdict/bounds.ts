/** Bounds of a mean over rows that come in groups: the more cautious of Student's t and of groups that were not seen. */
import type { Interval } from '../../protocol/verdict.js';
import { binomialBelow, studentQuantile } from './distributions.js';

/** Below this the bounds rest on too little to mean anything: no verdict but hold. */
export const MIN_GROUPS = 10;
/** Below this the share of kinds of rows that were not seen is over a tenth at 95 %: a sceptic wants more. */
export const MANY_GROUPS = 30;

export interface GroupedValue {
  value: number;
  /** Rows of one group (one template, one client) are not independent. */
  group: string;
}

export interface GroupedMean {
  estimate: number;
  standard_error: number;
  num_rows: number;
  num_groups: number;
}

/**
 * Mean over rows, with its cluster-robust standard error × sqrt(G / (G − 1)) for G groups.
 * Source: Liang and Zeger 1986 for the mean; the factor as in Cameron and Miller 2015, section VI.
 */
export function groupedMean(values: GroupedValue[]): GroupedMean {
  const estimate = values.reduce((sum, { value }) => sum + value, 0) / values.length;
  const residuals = new Map<string, number>();
  for (const { value, group } of values) residuals.set(group, (residuals.get(group) ?? 0) + value - estimate);
  const squares = [...residuals.values()].reduce((sum, residual) => sum + residual * residual, 0);
  const groups = residuals.size;
  const variance = groups > 1 ? (squares / values.length ** 2) * (groups / (groups - 1)) : Number.POSITIVE_INFINITY;
  return { estimate, standard_error: Math.sqrt(variance), num_rows: values.length, num_groups: groups };
}

/**
 * @param range the least and largest value that a row can have
 * @param alpha two-sided: 0.05 gives 95 %
 *
 * Groups that all agree give t a width of zero. But up to 1 − (α/2)^(1/G) of all groups may behave in any way
 * without one of them having been among G: that share is taken to be the worst possible.
 */
export function groupBounds(values: GroupedValue[], range: { least: number; largest: number }, alpha: number): Interval {
  const { estimate, standard_error, num_groups } = groupedMean(values);
  if (num_groups < 2) return { estimate, low: range.least, high: range.largest };
  const reach = studentQuantile(1 - alpha / 2, num_groups - 1) * standard_error;
  const unseen = unseenShare(num_groups, alpha);
  const low = Math.min(estimate - reach, (1 - unseen) * estimate + unseen * range.least);
  const high = Math.max(estimate + reach, (1 - unseen) * estimate + unseen * range.largest);
  return { estimate, low: Math.max(range.least, low), high: Math.min(range.largest, high) };
}

function unseenShare(numGroups: number, alpha: number): number {
  return 1 - (alpha / 2) ** (1 / numGroups);
}

/**
 * The least lead that can clear a margin when every group shows the same, from (1 − u)·d − u ≥ margin; null when none can.
 * @param alpha two-sided
 */
export function leastLead(numGroups: number, margin: number, alpha: number): number | null {
  const unseen = unseenShare(numGroups, alpha);
  const lead = (margin + unseen) / (1 - unseen);
  return numGroups >= MIN_GROUPS && lead <= 1 ? lead : null;
}

/** The largest least share that so many groups can show, when none of them has a fault. @param alpha two-sided */
export function largestShownShare(numGroups: number, alpha: number): number {
  return 1 - unseenShare(numGroups, alpha);
}

/** Bounds of a mean whose values have no largest or least, by Student's t alone. */
export function studentBounds(values: GroupedValue[], alpha: number): Interval {
  const { estimate, standard_error, num_groups } = groupedMean(values);
  if (num_groups < 2) return { estimate, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  const reach = studentQuantile(1 - alpha / 2, num_groups - 1) * standard_error;
  return { estimate, low: estimate - reach, high: estimate + reach };
}

/** The median with bounds from order statistics (David and Nagaraja 2003, section 7.1); they assume no distribution. */
export function medianBounds(values: number[], alpha: number): Interval {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  const at = (index: number) => sorted[Math.min(n - 1, Math.max(0, index))] as number;
  const estimate = (at(Math.floor((n - 1) / 2)) + at(Math.ceil((n - 1) / 2))) / 2;
  let outside = 0;
  while (outside + 1 < n / 2 && binomialBelow(outside, n, 0.5) <= alpha / 2) outside++;
  if (outside === 0) return { estimate, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  return { estimate, low: at(outside - 1), high: at(n - outside) };
}

/**
 * Groups in all that would settle a difference, or null when that is more than ten times those there are.
 *
 * By Student's t with 80 % power, ⌈((t₀.₉₇₅ + 0.84)·s / |d − margin|)²⌉, and by the share of unseen groups.
 */
export function groupsToSettle(mean: GroupedMean, margin: number, alpha: number): number | null {
  const distance = Math.abs(mean.estimate - margin);
  const deviation = mean.standard_error * Math.sqrt(mean.num_groups);
  const power = 0.84;
  const byStudent = ((studentQuantile(1 - alpha / 2, mean.num_groups - 1) + power) * deviation) / distance;
  // Smallest G with (1 − u)·d − u ≥ margin for u = 1 − (α/2)^(1/G); to skip, the same from the other side.
  const worstDistance = mean.estimate > margin ? mean.estimate + 1 : 1 - mean.estimate;
  const byUnseen = Math.log(alpha / 2) / Math.log(1 - distance / worstDistance);
  const needed = Math.ceil(Math.max(byStudent ** 2, byUnseen));
  return Number.isFinite(needed) && needed <= 10 * mean.num_groups ? needed : null;
}
