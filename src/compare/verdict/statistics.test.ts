import { describe, expect, test } from 'vitest';
import { groupBounds, groupedMean, groupsToSettle, medianBounds, studentBounds } from './bounds.js';
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

  test('Student t at one half is zero, and far out it is exact', () => {
    expect(Math.abs(studentQuantile(0.5, 7))).toBeLessThan(1e-9);
    expect(studentQuantile(0.9995, 3)).toBeCloseTo(12.9239786, 6);
    expect(studentQuantile(0.9999, 1)).toBeCloseTo(3183.0988, 3);
  });

  test.each([
    // I_x(a, 1) = x^a; I_x(1, b) = 1 − (1 − x)^b; I_0.5(a, a) = 0.5.
    [0.7, 3.5, 1, 0.7 ** 3.5],
    [0.2, 1, 4.5, 1 - 0.8 ** 4.5],
    [0.5, 9, 9, 0.5],
    [0.5, 0.3, 0.3, 0.5],
    [0.95, 40, 2, 41 * 0.95 ** 40 - 40 * 0.95 ** 41],
    [0, 2, 3, 0],
    [-1, 2, 3, 0],
    [1, 2, 3, 1],
    [2, 2, 3, 1],
  ])('incomplete beta at %f of (%f, %f)', (x, a, b, expected) => {
    expect(incompleteBeta(x, a, b)).toBeCloseTo(expected, 12);
  });

  test.each([
    [-1, 10, 0],
    [9, 10, 1 - 2 ** -10],
    [10, 10, 1],
    [12, 10, 1],
  ])('at most %i of %i', (k, n, expected) => {
    expect(binomialBelow(k, n, 0.5)).toBeCloseTo(expected, 12);
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

  test('Wilson of nothing is everything', () => {
    expect(wilson(0, 0)).toEqual({ estimate: 0, low: 0, high: 1 });
    expect(wilson(0, 4).low).toBe(0);
    expect(wilson(4, 4).high).toBe(1);
  });

  test('McNemar', () => {
    expect(mcNemarP(3, 1)).toBeCloseTo(2 * (5 / 16), 12);
    expect(mcNemarP(1, 3)).toBeCloseTo(2 * (5 / 16), 12);

    expect(mcNemarP(0, 0)).toBe(1);
    expect(mcNemarP(10, 0)).toBeCloseTo(2 / 1024, 10);
    expect(mcNemarP(5, 5)).toBe(1);
  });

  test('the bootstrap is the same for the same values', () => {
    const values = Array.from({ length: 30 }, (_, i) => ({ value: i % 3 === 0 ? 1 : 0, group: String(i % 10) }));
    expect(groupBootstrap(values)).toEqual(groupBootstrap(values));
    // Whole groups are drawn: of rows 1, 1 and 0 in two groups a mean is 1, 2/3 or 0.
    const whole = groupBootstrap([
      { value: 1, group: 'a' },
      { value: 1, group: 'a' },
      { value: 0, group: 'b' },
    ]);
    expect(whole).toEqual({ estimate: 2 / 3, low: 0, high: 1 });
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

  test('one group bounds nothing, two are bounded by t', () => {
    const one = [
      { value: 0.3, group: 'a' },
      { value: 0.5, group: 'a' },
    ];
    expect(groupedMean(one)).toEqual({ estimate: 0.4, standard_error: Number.POSITIVE_INFINITY, num_rows: 2, num_groups: 1 });
    expect(groupBounds(one, { least: -1, largest: 1 }, 0.05)).toEqual({ estimate: 0.4, low: -1, high: 1 });
    expect(studentBounds(one, 0.05)).toEqual({ estimate: 0.4, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY });
    // Values 0 and 1: mean 0.5, standard error √(0.5 / 4 · 2) = 0.5, t of one degree 12.706.
    const two = studentBounds(
      [one[0], { value: 0, group: 'b' }].map((value, i) => ({ value: i, group: value?.group ?? '' })),
      0.05,
    );
    expect(two.low).toBeCloseTo(0.5 - 12.70620473617 * 0.5, 6);
    expect(two.high).toBeCloseTo(0.5 + 12.70620473617 * 0.5, 6);
  });

  test('shares of another range than −1 to 1: the worst that unseen groups can be is the range’s own end', () => {
    const all = rows(Array.from({ length: 40 }, () => [0.5]));
    const unseen = 1 - 0.025 ** (1 / 40);
    const { low, high } = groupBounds(all, { least: 0, largest: 3 }, 0.05);
    expect([low, high]).toEqual([(1 - unseen) * 0.5, (1 - unseen) * 0.5 + unseen * 3]);
  });

  test('the median of values in any order; of an even number the middle of two', () => {
    expect(medianBounds([9, 1, 10, 3, 2, 8, 7, 4, 6, 5], 0.05)).toEqual({ estimate: 5.5, low: 2, high: 9 });
    expect(medianBounds([30, 4, 200], 0.05).estimate).toBe(30);
    // Of six values the extremes are outside with 2 · 0.5^6 = 3.1 %, of five with 6.25 %.
    expect(medianBounds([6, 1, 2, 3, 4, 5], 0.05)).toEqual({ estimate: 3.5, low: 1, high: 6 });
    expect(medianBounds([1, 2, 3, 4, 5], 0.05)).toEqual({ estimate: 3, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY });
    // At α = 1 the bounds are never beyond the middle.
    expect(medianBounds([1, 2, 3, 4], 1).low).toBeLessThanOrEqual(2.5);
  });

  test('groups to settle by groups that were not seen, to ship and to skip', () => {
    const steady = (estimate: number) => ({ estimate, standard_error: 0, num_rows: 40, num_groups: 40 });
    // To ship at 0.5 from 0.8: (1 − u) · 0.8 − u ≥ 0.5, so u ≤ 0.3 / 1.8.
    expect(groupsToSettle(steady(0.8), 0.5, 0.05)).toBe(Math.ceil(Math.log(0.025) / Math.log(1 - 0.3 / 1.8)));
    // To skip at 0.5 from 0.2: (1 − u) · 0.2 + u ≤ 0.5, so u ≤ 0.3 / 0.8.
    expect(groupsToSettle(steady(0.2), 0.5, 0.05)).toBe(Math.ceil(Math.log(0.025) / Math.log(1 - 0.3 / 0.8)));
    expect(groupsToSettle(steady(0.5), 0.5, 0.05)).toBeNull();
    // Ten times the groups there are is the most that is told.
    const needed = Math.log(0.025) / Math.log(1 - 0.01 / 1.51);
    expect(groupsToSettle({ ...steady(0.51), num_groups: Math.ceil(needed / 10) }, 0.5, 0.05)).toBe(Math.ceil(needed));
    expect(groupsToSettle({ ...steady(0.51), num_groups: Math.floor(needed / 10) - 1 }, 0.5, 0.05)).toBeNull();
  });

  test('groups to settle: the formula, and null when too close to call', () => {
    const mean = { estimate: 0.2, standard_error: 0.08, num_rows: 40, num_groups: 20 };
    const byStudent = ((studentQuantile(0.975, 19) + 0.84) * 0.08 * Math.sqrt(20)) / 0.1;
    expect(groupsToSettle(mean, 0.1, 0.05)).toBe(Math.ceil(byStudent ** 2));
    expect(groupsToSettle({ ...mean, estimate: 0.101 }, 0.1, 0.05)).toBeNull();
  });
});

describe('a bound that Student’s t decides', () => {
  // 40 groups of one row: 30 differences of 0.1 and 10 of 0.5. Mean 0.2, s² = (30 · 0.01 + 10 · 0.09) / 39 = 1.2 / 39.
  const values = Array.from({ length: 40 }, (_, i) => ({ value: i < 30 ? 0.1 : 0.5, group: String(i) }));
  const standardError = Math.sqrt(1.2 / 39 / 40);

  test('its width is t times the standard error, at 95 % and at 97.5 %', () => {
    for (const [alpha, t] of [
      [0.05, 2.02269092004],
      [0.025, 2.33126426466],
    ] as const) {
      const { estimate, low, high } = studentBounds(values, alpha);
      expect([estimate, low, high].map((value) => value.toFixed(8))).toEqual(
        [0.2, 0.2 - t * standardError, 0.2 + t * standardError].map((value) => value.toFixed(8)),
      );
    }
  });

  test('of shares, t decides where groups differ more than the unseen could', () => {
    // 200 groups, half right and half wrong: t gives ± 1.97 · 1/√199; unseen groups ± (1 − 0.025^(1/200)) · 1.
    const split = Array.from({ length: 200 }, (_, i) => ({ value: i % 2 ? 1 : -1, group: String(i) }));
    const { low, high } = groupBounds(split, { least: -1, largest: 1 }, 0.05);
    expect(low).toBeCloseTo(-1.971956544 / Math.sqrt(199), 8);
    expect(high).toBeCloseTo(1.971956544 / Math.sqrt(199), 8);
    expect(1 - 0.025 ** (1 / 200)).toBeLessThan(0.02);
  });

  test('rows of one group count once: ten equal rows a group change nothing', () => {
    const tenfold = values.flatMap((value) => Array.from({ length: 10 }, () => value));
    const [once, ten] = [studentBounds(values, 0.05), studentBounds(tenfold, 0.05)];
    expect([ten.low, ten.high].map((value) => value.toFixed(10))).toEqual([once.low, once.high].map((value) => value.toFixed(10)));
  });
});

describe('false ships where Student’s t decides, at a true difference of zero', () => {
  const seeded = (seed: number) => {
    let state = seed >>> 0;
    return () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
  };
  const runs = 2000;
  /** Rows that both answer at one rate; rows of a group are right or wrong together with the given weight. */
  const falseShips = (weight: number, isClustered: boolean) => {
    const random = seeded(20261126);
    let ships = 0;
    for (let run = 0; run < runs; run++) {
      const values = Array.from({ length: 60 }, (_, group) => {
        const shared = Math.sign(random() - 0.5);
        return Array.from({ length: 5 }, (_, row) => ({
          value: random() < weight ? shared : Math.sign(random() - 0.5),
          group: isClustered ? String(group) : `${group} ${row}`,
        }));
      }).flat();
      const { low } = groupBounds(values, { least: -1, largest: 1 }, 0.05);
      // The unseen groups would give a lower bound that is further off.
      if (low >= 0) ships++;
    }
    return ships / runs;
  };

  test.each([0, 0.8])('with groups as they are, %f of a group together: at most 3 %%', (weight) => {
    expect(falseShips(weight, true)).toBeLessThanOrEqual(0.03);
    expect(falseShips(weight, true)).toBeGreaterThan(0.01);
  });

  test('with groups ignored, clustered rows ship falsely far more often', () => {
    expect(falseShips(0.8, false)).toBeGreaterThan(0.1);
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
