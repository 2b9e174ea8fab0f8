/** A reward model: it scores answers, the better of two higher. The worker's part is worker/methods/reward.py. */
import { z } from 'zod';
import { learningRate } from './preference-settings.js';
import { always, setting } from './setting.js';
import { LORA_SETTINGS, MODEL_SETTINGS, RUN_SETTINGS, TRAINING_SETTINGS } from './shared-settings.js';

/** A reward model answers nothing. */
const { num_eval_generations: _, ...RUN_WITHOUT_ANSWERS } = RUN_SETTINGS;

export const REWARD = {
  rows: 'preference',
  has_reference: false,
  settings: {
    model: MODEL_SETTINGS,
    training: {
      learning_rate: learningRate({
        adapter: 1e-4,
        whole: 1e-5,
        reason: 'TRL’s RewardConfig for adapters; Tülu 3 (arXiv 2411.15124) has 3e-6 for all weights of 8B, smaller models bear more',
      }),
      center_rewards_coefficient: setting({
        schema: z.number().positive().max(10).nullable(),
        description: 'weight of a term that holds rewards around zero; null: only differences of rewards mean something',
        default: always<number | null>(null),
        reason: 'arXiv 2312.09244, equation 2; TRL recommends 0.01 where rewards are used by themselves',
      }),
      ...TRAINING_SETTINGS,
    },
    lora: LORA_SETTINGS,
    run: RUN_WITHOUT_ANSWERS,
  },
} as const;
