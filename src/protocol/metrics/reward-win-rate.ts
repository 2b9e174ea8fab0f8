/**
 * How often a candidate's own answer would be preferred to the reference answer, by the gate's reward model: the mean of
 * σ(reward of the answer − reward of the reference answer), Bradley and Terry's probability of that choice. One half is as good as it.
 */
import { type MetricModule, SHARE } from './metric.js';

export const REWARD_WIN_RATE: MetricModule = {
  ...SHARE,
  answer_kind: 'pair',
  words: 'chance that the reward model prefers the answer to the reference answer',
  heading: 'wins by reward',
  meaning: 'The chance that a reward model prefers the answer to the reference answer.',
  is_count: false,
  score: null,
};
