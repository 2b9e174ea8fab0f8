/**
 * ROUGE-L of the answer: F1 of the longest common subsequence of words (Lin 2004), without stemming, as Google's `rouge_score` computes
 * it. Letters of all scripts are parts of words here; there every one outside a to z separates words.
 */
import { type MetricModule, SHARE } from './metric.js';

/** Of a text; the rest is not read. 4,000 words are about 16 pages, and the table below has the square of it. */
const MAX_WORDS = 4000;

export const ROUGE_L: MetricModule = {
  ...SHARE,
  answer_kind: 'scored-text',
  words: 'longest common wording with the reference (ROUGE-L)',
  heading: 'ROUGE-L',
  meaning: 'Longest common wording with the reference, from 0 to 1: for texts whose wording should be that of the reference.',
  is_count: false,
  score: (answer, expected) => {
    const [words, reference] = [wordsOf(answer), wordsOf(expected)];
    if (words.length === 0 || reference.length === 0) return 0;
    const common = longestCommonSubsequence(words, reference);
    return (2 * common) / (words.length + reference.length);
  },
};

function wordsOf(text: string): string[] {
  return (text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? []).slice(0, MAX_WORDS);
}

/** Its length, by rows of the table of Hunt and Szymanski's recurrence: time n · m, memory m. */
function longestCommonSubsequence(a: string[], b: string[]): number {
  let above = new Uint16Array(b.length + 1);
  for (const word of a) {
    const row = new Uint16Array(b.length + 1);
    for (let j = 1; j <= b.length; j++)
      row[j] = word === b[j - 1] ? (above[j - 1] as number) + 1 : Math.max(above[j] as number, row[j - 1] as number);
    above = row;
  }
  return above[b.length] as number;
}
