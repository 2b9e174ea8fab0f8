/** Kahneman-Tversky optimization: the model learns from answers that were good or not. The worker's part is worker/methods/kto.py. */
import { z } from 'zod';
import { beta, learningRate } from './preference-settings.js';
import { type DefaultFacts, setting } from './setting.js';
import { LORA_SETTINGS, MODEL_SETTINGS, RUN_SETTINGS, TRAINING_SETTINGS } from './shared-settings.js';

/** The rarer class weighs as much as the other in all (arXiv 2402.01306, equation 9: a ratio of 1 to 4/3). */
function classWeight(of: (labels: NonNullable<DefaultFacts['labels']>) => { own: number; other: number }, name: string) {
  return setting({
    schema: z.number().positive().max(1000),
    description: `weight of the loss of ${name} answers`,
    default: {
      text: 'such that good and bad answers weigh the same in all, at least 1',
      of: ({ labels }) => {
        const { own, other } = labels ? of(labels) : { own: 1, other: 1 };
        const value = own > 0 && other > own ? Math.round((other / own) * 100) / 100 : 1;
        return { value, source: 'data', why: `${own} against ${other} answers` };
      },
    },
    reason: 'unequal numbers of labels would teach one class alone (arXiv 2402.01306, section 4.2)',
  });
}

export const KTO = {
  rows: 'labelled',
  has_reference: true,
  settings: {
    model: MODEL_SETTINGS,
    training: {
      learning_rate: learningRate({
        adapter: 5e-6,
        whole: 1e-6,
        reason: 'TRL’s KTOConfig for all weights; the paper’s range of 5e-7 to 5e-6 is of larger models',
      }),
      beta,
      desirable_weight: classWeight(({ good, bad }) => ({ own: good, other: bad }), 'good'),
      undesirable_weight: classWeight(({ good, bad }) => ({ own: bad, other: good }), 'bad'),
      ...TRAINING_SETTINGS,
    },
    lora: LORA_SETTINGS,
    run: RUN_SETTINGS,
  },
} as const;
