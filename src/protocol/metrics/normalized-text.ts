/** Text without what does not change an answer: case, spaces, punctuation, and how a number is written. */
import { parseNumber } from './numbers.js';

/** Between digits a point or comma is part of a number; a minus before a digit is its sign. */
const WORD = /[-−]?\p{N}+(?:[.,\u00a0\u202f'’ ]\p{N}+)*(?:[eE][-+]?\p{N}+)?|[\p{L}\p{M}]+/gu;

/** Words and numbers in order, numbers in one spelling: `1,000` and `1000.0` are one. */
export function normalizedWords(text: string): string[] {
  const words = text.normalize('NFKC').toLowerCase().match(WORD) ?? [];
  return words.flatMap((word) => {
    const number = parseNumber(word);
    return number === null ? word.split(/[^\p{L}\p{M}\p{N}]+/u).filter((part) => part !== '') : [String(number)];
  });
}

export function normalizedText(text: string): string {
  return normalizedWords(text).join(' ');
}
