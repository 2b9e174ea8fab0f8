/** A model of this home with the runs that were tuned from its bytes. */
import { z } from 'zod';
import { ModelRecord } from './model-record.js';

export const Lineage = z.strictObject({
  record: ModelRecord,
  runs: z
    .array(z.strictObject({ id: z.string(), dev_loss: z.string().nullable().describe('by its name') }))
    .describe('that are done, the newest first'),
});
export type Lineage = z.infer<typeof Lineage>;
