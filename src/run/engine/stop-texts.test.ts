/** Stop texts, whole and in part. */
import { expect, test } from 'vitest';
import { heldBack, stopIndex } from './stop-texts.js';

test.each([
  ['abc', ['cd'], 1],
  ['abc', ['x', 'bcd'], 2],
  ['abc', ['abc'], 0],
  ['aa', ['aaa'], 2],
  ['abc', ['d'], 0],
  ['', ['abc'], 0],
  ['abc\n', ['\n\n'], 1],
  ['abc', [], 0],
])('of %j with %j, %i characters are held back', (text, stops, expected) => {
  expect(heldBack(text, stops)).toBe(expected);
});

test('the first stop text counts, whichever it is', () => {
  expect(stopIndex('one two three', ['three', 'two'])).toBe(4);
  expect(stopIndex('one', ['two'])).toBeNull();
  expect(stopIndex('one', [])).toBeNull();
});
