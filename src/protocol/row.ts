/** One row of data, whatever format it was read from. */
import { z } from 'zod';

export const Message = z.strictObject({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z.string(),
});
export type Message = z.infer<typeof Message>;

export const Row = z.strictObject({
  messages: z.array(Message).min(1),
  /** Rows of one group (template, patient, client) count as one cluster in the statistics. */
  group: z.string().optional(),
});
export type Row = z.infer<typeof Row>;
