/** The cores that the two lanes of `npm run verify` are given. */
import { expect, test } from 'vitest';
import { halvesOfCores } from '../scripts/cores.mjs';

test.each([
  ['0-1', ['0', '1']],
  ['0-3,8', ['0,1', '2,3,8']],
  ['4,6', ['4', '6']],
  ['3', null],
  ['', null],
])('%s in two halves', (list, halves) => {
  expect(halvesOfCores(list)).toEqual(halves);
});
