import { expect, test } from 'vitest';
import { duration } from './units.js';

test.each([
  [-1, '0 s'],
  [59.4, '59 s'],
  [59.6, '1 min 0 s'],
  [179.7, '3 min 0 s'],
  [3599.6, '1 h 0 min'],
  [7384, '2 h 3 min'],
])('%s seconds are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
