import { expect, test } from 'vitest';
import { duration, localTime } from './units.js';

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

test('a moment is written as ISO 8601 writes it, whatever the machine’s language', () => {
  expect(localTime('2026-03-04T05:06:07Z')).toMatch(/^2026-03-0[345] \d\d:\d\d$/);
});
