/** Simulated through the real ledger: a challenger that is no better does not ship by trying again. */
import { describe, expect, test } from 'vitest';
import { judgeComparison } from '../../src/compare/judge-comparison.js';
import { temporaryFolder } from '../support/home.js';
import { labelRows, measuredComparison, seeded } from '../support/measured-comparison.js';

const NUM_SERIES = 60;
const rows = labelRows(40);

/** Series in which a challenger that is no better ships at least once, and in which some seed alone would have. */
function simulate(looks: number) {
  const random = seeded(20261126 + looks);
  let [falseShips, picked] = [0, 0];
  for (let series = 0; series < NUM_SERIES; series++) {
    const home = temporaryFolder('series');
    const baseline = rows.map(() => random() < 0.5);
    const verdicts = Array.from({ length: 20 }, (_, seed) => {
      const answers = rows.map(() => random() < 0.5);
      const isRight = (candidate: string, row: number) => (candidate === 'tuned' ? answers : baseline)[row] as boolean;
      return judgeComparison(measuredComparison(home, { rows, adapter: `seed ${seed}`, gate: { looks }, isRight, isReviewed: false }));
    });
    if (verdicts.some(({ decision }) => decision === 'ship')) falseShips++;
    if (verdicts.some(({ decision, would_be }) => decision === 'ship' || would_be === 'ship')) picked++;
  }
  return { falseShips: falseShips / NUM_SERIES, picked: picked / NUM_SERIES };
}

describe('20 seeds of a challenger that is no better, judged one after another on the same rows', () => {
  test.each([1, 20])('with looks: %i at most one series in twenty ships', (looks) => {
    const { falseShips, picked } = simulate(looks);
    expect(falseShips).toBeLessThanOrEqual(0.05);
    // The best of 20 seeds, each judged as if it were the only one, ships more often.
    if (looks === 1) expect(picked).toBeGreaterThan(0.1);
  });
});
