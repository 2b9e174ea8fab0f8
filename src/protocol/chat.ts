/** A chat in the studio: what was asked, and what each model answered. Comes back with the form, so it is read as untrusted. */
import { z } from 'zod';

export const ChatTurn = z.strictObject({
  question: z.string(),
  answers: z.array(z.strictObject({ model: z.string(), text: z.string() })).max(2),
});
export type ChatTurn = z.infer<typeof ChatTurn>;
