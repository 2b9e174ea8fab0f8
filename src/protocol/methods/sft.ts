/** Supervised fine-tuning: the model learns the assistant's answers of conversations. The worker's part is worker/methods/sft.py. */
import { z } from 'zod';
import { setting } from './setting.js';
import { LARGE_MODEL, LORA_SETTINGS, MODEL_SETTINGS, RUN_SETTINGS, TRAINING_SETTINGS } from './shared-settings.js';

export const SFT = {
  rows: 'chat',
  has_reference: false,
  settings: {
    model: MODEL_SETTINGS,
    training: {
      learning_rate: setting({
        schema: z.number().positive().max(1),
        description: 'largest step of the optimizer',
        default: {
          text: '2e-4 for an adapter, 2e-5 for all weights; half of it from 25 billion parameters on',
          of: ({ num_parameters, value }) => {
            const isLarge = num_parameters > LARGE_MODEL;
            const isAdapter = value<boolean>('use_peft');
            const rate = (isAdapter ? 2e-4 : 2e-5) / (isLarge ? 2 : 1);
            return { value: rate, source: isLarge ? 'model' : 'default', why: isAdapter ? 'an adapter' : 'all weights' };
          },
        },
        reason: 'TRL’s peft_integration guide: ten times the rate of full fine-tuning; Tülu 3 halves it for large models',
      }),
      ...TRAINING_SETTINGS,
    },
    lora: LORA_SETTINGS,
    run: RUN_SETTINGS,
  },
} as const;
