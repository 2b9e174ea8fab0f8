/** Settings that methods on preferences share. */
import { z } from 'zod';
import { always, setting } from './setting.js';

/** Rates of a method for an adapter and for all weights. */
export function learningRate({ adapter, whole, reason }: { adapter: number; whole: number; reason: string }) {
  return setting({
    schema: z.number().positive().max(1),
    description: 'largest step of the optimizer',
    default: {
      text: `${adapter} for an adapter, ${whole} for all weights`,
      of: ({ value }) => {
        const isAdapter = value<boolean>('use_peft');
        return { value: isAdapter ? adapter : whole, source: 'default', why: isAdapter ? 'an adapter' : 'all weights' };
      },
    },
    reason,
  });
}

export const beta = setting({
  schema: z.number().positive().max(100),
  description: 'how strongly the policy is held to the reference: smaller lets it move further',
  default: always(0.1),
  reason: 'DPO (arXiv 2305.18290) and KTO (arXiv 2402.01306) use it; sigmoid_norm wants more, Tülu 3 has 5',
});
