/** The answer is the label. */
import { type MetricModule, SHARE } from './metric.js';

export const ACCURACY: MetricModule = {
  ...SHARE,
  answer_kind: 'label',
  words: 'right labels',
  heading: 'right labels',
  meaning: 'Right when the answer is the label of the reference.',
  is_count: true,
  score: (answer, expected) => (normalizedLabel(answer) === normalizedLabel(expected) ? 1 : 0),
};

/** Case, Unicode form, quotes around it and a full stop after it do not make another label. */
function normalizedLabel(text: string): string {
  const label = text.normalize('NFKC').trim().toLowerCase().replace(/\s+/g, ' ');
  return label.replace(/^["'`]+|["'`.]+$/g, '').trim();
}
