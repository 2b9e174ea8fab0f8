import { expect, test } from 'vitest';
import { growingText } from './growing-text.js';

/** One token a byte. */
const detokenize = (tokens: readonly number[]) => new TextDecoder().decode(Uint8Array.from(tokens));

test.each(['plain words', 'añb 😀 你好 end', '👩‍👩‍👧‍👦', '{"a": "é"}'])('%s', (text) => {
  const lengths: number[] = [];
  const add = growingText<number>((tokens) => {
    lengths.push(tokens.length);
    return detokenize(tokens);
  });
  const bytes = [...new TextEncoder().encode(text)];
  for (const [index, byte] of bytes.entries()) expect(add(byte)).toBe(detokenize(bytes.slice(0, index + 1)));
  // A character of Unicode has four bytes at most.
  expect(Math.max(...lengths)).toBeLessThanOrEqual(4);
});

test('what came before is given, since a space may depend on it', () => {
  const seen: number[][] = [];
  const add = growingText<number>((tokens, _, before) => {
    seen.push([...before]);
    return detokenize(tokens);
  });
  for (const byte of [97, 98, 99]) add(byte);
  expect(seen).toEqual([[], [97], [97, 98]]);
});
