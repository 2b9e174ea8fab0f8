/**
 * The last number of the answer is that of the reference answer, within the gate's tolerance: |a − r| ≤ max(absolute, relative · |r|),
 * as NumPy's and Python's `isclose` have it.
 */
import { type MetricModule, SHARE } from './metric.js';
import { lastNumber } from './numbers.js';

/** Decimal fractions are not exact in binary: 0.1 + 0.2 is 0.3. Python's `math.isclose` has the same default. */
const ROUNDING = 1e-9;

export const NUMERIC: MetricModule = {
  ...SHARE,
  answer_kind: 'scored-text',
  words: 'right numbers',
  heading: 'right numbers',
  meaning: 'Right when the last number of the answer is that of the reference, within the tolerance.',
  is_count: true,
  is_asked_for: true,
  score: (answer, expected, { tolerance }) => {
    const [number, reference] = [lastNumber(answer), lastNumber(expected)];
    if (number === null || reference === null) return 0;
    const allowed = Math.max(tolerance?.absolute ?? 0, Math.max(tolerance?.relative ?? 0, ROUNDING) * Math.abs(reference));
    return Math.abs(number - reference) <= allowed ? 1 : 0;
  },
};
