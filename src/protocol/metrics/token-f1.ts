/**
 * Words that answer and reference share: F1 of precision and recall, with SQuAD's normalisation (evaluate-v1.1.py: lower case, no
 * ASCII punctuation, no English articles). Here other scripts' punctuation is left out too.
 */
import { type MetricModule, SHARE } from './metric.js';

export const TOKEN_F1: MetricModule = {
  ...SHARE,
  answer_kind: 'scored-text',
  words: 'word overlap with the reference (F1)',
  heading: 'word F1',
  meaning: 'Words in common with the reference, from 0 to 1: for short answers that may be worded in several ways.',
  is_count: false,
  score: (answer, expected) => f1(squadTokens(answer), squadTokens(expected)),
};

function squadTokens(text: string): string[] {
  const plain = text.toLowerCase().replace(/[\p{P}$+<=>^`|~]/gu, '');
  return plain
    .replace(/(?<![\p{L}\p{N}_])(?:an?|the)(?![\p{L}\p{N}_])/gu, ' ')
    .split(/\s+/)
    .filter((token) => token !== '');
}

/** 2 · precision · recall / (precision + recall) of the tokens as multisets; two empty texts are equal, as in SQuAD 2.0. */
function f1(tokens: string[], reference: string[]): number {
  if (tokens.length === 0 && reference.length === 0) return 1;
  const left = new Map<string, number>();
  for (const token of reference) left.set(token, (left.get(token) ?? 0) + 1);
  let shared = 0;
  for (const token of tokens) {
    const count = left.get(token) ?? 0;
    if (count === 0) continue;
    left.set(token, count - 1);
    shared++;
  }
  return (2 * shared) / (tokens.length + reference.length);
}
