/** Direct preference optimization: the model learns to prefer the better of two answers. The worker's part is worker/methods/dpo.py. */
import { z } from 'zod';
import { beta, learningRate } from './preference-settings.js';
import { always, setting } from './setting.js';
import { LORA_SETTINGS, MODEL_SETTINGS, RUN_SETTINGS, TRAINING_SETTINGS } from './shared-settings.js';

export const DpoLoss = z.enum(['sigmoid', 'ipo', 'sigmoid_norm']);

export const DPO = {
  rows: 'preference',
  has_reference: true,
  settings: {
    model: MODEL_SETTINGS,
    training: {
      learning_rate: learningRate({
        adapter: 5e-6,
        whole: 5e-7,
        reason: 'LLaMA-Factory’s DPO example for adapters, Tülu 3 (arXiv 2411.15124) for all weights; larger rates unlearn the answers',
      }),
      loss_type: setting({
        schema: DpoLoss,
        description:
          'sigmoid: on the sums of log-probabilities; sigmoid_norm: per token, against a liking for long answers; ipo: a squared distance, per token as TRL has it',
        default: always<z.infer<typeof DpoLoss>>('sigmoid'),
        reason: 'the loss of the paper (arXiv 2305.18290, equation 7)',
      }),
      beta,
      ...TRAINING_SETTINGS,
    },
    lora: LORA_SETTINGS,
    run: RUN_SETTINGS,
  },
} as const;
