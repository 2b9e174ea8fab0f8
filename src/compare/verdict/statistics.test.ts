import { describe, expect, test } from 'vitest';
import { groupBounds, groupedMean, groupsToSettle, medianBounds } from './bounds.js';
import { binomialBelow, incompleteBeta, studentQuantile } from './distributions.js';
import { groupBootstrap, mcNemarP, wilson } from './shown-statistics.js';

describe('distributions, against SciPy 1.17', () => {
  test.each([
    [0.975, 1, 12.70620473617],
    [0.975, 9, 2.2621571628],
    [0.975, 19, 2.09302405441],
    [0.975, 39, 2.02269092004],
    [0.9875, 39, 2.33126426466],
    [0.025, 19, -2.09302405441],
  ])('Student t: %f quantile at %i degrees', (probability, degrees, expected) => {
    expect(studentQuantile(probability, degrees)).toBeCloseTo(expected, 8);
  });

  test('incomplete beta and binomial', () => {
    expect(incompleteBeta(0.3, 2, 5)).toBeCloseTo(0.579825, 6);
    expect(incompleteBeta(0.9, 10, 0.5)).toBeCloseTo(0.15164, 4);
    expect(binomialBelow(3, 10, 0.5)).toBeCloseTo(0.171875, 10);
    expect(binomialBelow(0, 10, 0.5)).toBeCloseTo(0.0009765625, 12);
  });
});

describe('what is shown', () => {
  test.each([
    [4, 4, 0.51, 1],
    [3, 4, 0.301, 0.954],
    [2, 4, 0.15, 0.85],
    [0, 4, 0, 0.49],
    [15, 20, 0.531, 0.888],
    [75, 100, 0.657, 0.825],
  ])('Wilson of %i of %i', (k, n, low, high) => {
    expect(wilson(k, n).low).toBeCloseTo(low, 3);
    expect(wilson(k, n).high).toBeCloseTo(high, 3);
  });

  test('McNemar', () => {
    expect(mcNemarP(0, 0)).toBe(1);
    expect(mcNemarP(10, 0)).toBeCloseTo(2 / 1024, 10);
    expect(mcNemarP(5, 5)).toBe(1);
  });

  test('the bootstrap is the same for the same values', () => {
    const values = Array.from({ length: 30 }, (_, i) => ({ value: i % 3 === 0 ? 1 : 0, group: String(i % 10) }));
    expect(groupBootstrap(values)).toEqual(groupBootstrap(values));
  });
});

describe('bounds', () => {
  const rows = (perGroup: number[][]) => perGroup.flatMap((values, group) => values.map((value) => ({ value, group: String(group) })));

  test('the standard error is cluster-robust with G / (G − 1)', () => {
    // Residual sums of the groups are 0.5, 0.5, −1 around the mean 0.5: variance = 1.5 / 36 × 3 / 2.
    const mean = groupedMean(
      rows([
        [1, 0.5],
        [1, 0.5],
        [0, 0],
      ]),
    );
    expect(mean).toEqual({ estimate: 0.5, standard_error: Math.sqrt((1.5 / 36) * 1.5), num_rows: 6, num_groups: 3 });
  });

  test('groups that all agree never give a width of zero', () => {
    const all = groupBounds(rows(Array.from({ length: 40 }, () => [1, 1])), { least: -1, largest: 1 }, 0.05);
    const unseen = 1 - 0.025 ** (1 / 40);
    expect(all).toEqual({ estimate: 1, low: 1 - 2 * unseen, high: 1 });
  });

  test('the median is bounded by order statistics: of ten values the second and the ninth', () => {
    expect(medianBounds([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.05)).toEqual({ estimate: 5.5, low: 2, high: 9 });
    expect(medianBounds([1, 2, 3], 0.05).high).toBe(Number.POSITIVE_INFINITY);
  });

  test('groups to settle: the formula, and null when too close to call', () => {
    const mean = { estimate: 0.2, standard_error: 0.08, num_rows: 40, num_groups: 20 };
    const byStudent = ((studentQuantile(0.975, 19) + 0.84) * 0.08 * Math.sqrt(20)) / 0.1;
    expect(groupsToSettle(mean, 0.1, 0.05)).toBe(Math.ceil(byStudent ** 2));
    expect(groupsToSettle({ ...mean, estimate: 0.101 }, 0.1, 0.05)).toBeNull();
  });
});

describe('false ships, simulated at the margin itself', () => {
  /** Answers of one candidate: rates differ between groups, with the given mean. */
  const draw = (random: () => number, rate: number) => Math.min(1, Math.max(0, rate + (random() - 0.5) * 0.1));
  const seeded = (seed: number) => {
    let state = seed;
    return () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 4294967296;
    };
  };

  test.each([
    ['near 0.95 and 0.2', (random: () => number) => [draw(random, 0.95 - 0.0), draw(random, 0.2)], null],
    // Some groups in fifty are hopeless for the challenger: twenty groups seldom show one.
    ['near 1 and 0', (random: () => number) => (random() < 0.02 ? [0, 1] : [1, 0]), 0.96],
    ['near 1 and 0, a fifth of groups tied', (random: () => number) => (random() < 0.05 ? [0, 0] : [1, 0]), 0.95],
  ] as [string, (random: () => number) => [number, number], number | null][])('%s: at most 3 %% ship', (_, rates, known) => {
    const random = seeded(20261124);
    // The true difference, which is the margin: a ship would be false.
    const sampled = Array.from({ length: 40_000 }, () => rates(random)).map(([mine, other]) => mine - other);
    const margin = known ?? sampled.reduce((sum, value) => sum + value, 0) / sampled.length;
    const runs = 2000;
    let falseShips = 0;
    for (let run = 0; run < runs; run++) {
      const values = Array.from({ length: 20 }, (_, group) => {
        const [mine, other] = rates(random);
        return [0, 1].map(() => ({ value: Number(random() < mine) - Number(random() < other), group: String(group) }));
      }).flat();
      if (groupBounds(values, { least: -1, largest: 1 }, 0.05).low >= margin) falseShips++;
    }
    expect(falseShips / runs).toBeLessThanOrEqual(0.03);
  });
});
