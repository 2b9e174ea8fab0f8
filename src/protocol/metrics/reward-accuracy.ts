/** Share of pairs whose better answer gets the higher score. A model that answers has the likelihood of the two as its score. */
import { type MetricModule, SHARE } from './metric.js';

export const REWARD_ACCURACY: MetricModule = {
  ...SHARE,
  answer_kind: 'score',
  words: 'pairs whose better answer is scored higher',
  heading: 'scores the better higher',
  meaning: 'Right when the better answer of a pair gets the higher score: for reward models, which write nothing.',
  is_count: true,
  score: null,
};
