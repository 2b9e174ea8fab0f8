/**
 * The gate's pattern finds the right thing in the answer. Without a group, the answer has to match. With one, what the first group holds
 * has to be what it holds in the reference answer, or the reference answer itself where the pattern does not match there.
 */
import { type MetricModule, SHARE } from './metric.js';
import { normalizedText } from './normalized-text.js';

export const REGEX: MetricModule = {
  ...SHARE,
  answer_kind: 'scored-text',
  words: 'answers that match the pattern',
  heading: 'matches',
  meaning: 'Right when the pattern matches the answer; with a group, when the group holds what it holds in the reference.',
  is_count: true,
  is_asked_for: true,
  score: (answer, expected, { pattern = '' }) => {
    const expression = new RegExp(pattern, 'u');
    const found = expression.exec(answer);
    if (!found) return 0;
    const [, captured] = found;
    if (captured === undefined) return found.length === 1 ? 1 : 0;
    return normalizedText(captured) === normalizedText(expression.exec(expected)?.[1] ?? expected) ? 1 : 0;
  },
};
