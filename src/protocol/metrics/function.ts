/**
 * What the gate's own function makes of an answer, from 0 to 1; its file is part of the gate, and of its hash. It is run in a process of
 * its own (compare/evidence/run-function.ts), so there is no score here.
 */
import { type MetricModule, SHARE } from './metric.js';

export const FUNCTION: MetricModule = {
  ...SHARE,
  answer_kind: 'scored-text',
  words: 'score by the gate’s function',
  heading: 'by function',
  meaning: 'What a function of your own says, from 0 to 1: `score(answer, expected, question)` in a Python or JavaScript file.',
  is_count: false,
  is_asked_for: true,
  score: null,
};
