/** Share of pairs whose better answer is the likelier of the two, a token. What a model prefers is not yet what it answers. */
import { type MetricModule, SHARE } from './metric.js';

export const PREFERENCE_ACCURACY: MetricModule = {
  ...SHARE,
  answer_kind: 'pair',
  words: 'pairs whose better answer is likelier',
  heading: 'prefers the better',
  meaning: 'Right when the better answer of a pair is the likelier one. It can stop a model and never ship one.',
  is_count: true,
  never_ships:
    'which of two given answers is likelier is not what a model answers by itself, so it can stop a candidate and never ship one: read its answers beside the others’, or let people judge them',
  score: null,
};
