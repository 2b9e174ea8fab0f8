/** A chat in the studio: what was asked, and what each model answered. Comes back with the form, so it is read as untrusted. */
import { z } from 'zod';

export const ChatTurn = z.strictObject({
  question: z.string(),
  answers: z.array(z.strictObject({ model: z.string(), text: z.string() })).max(2),
});
export type ChatTurn = z.infer<typeof ChatTurn>;

/** What a person sets for a conversation. */
export const ChatSettings = z.object({
  system: z.string().max(8000).default(''),
  /** Greedy answers of a small model fall into loops: SmolLM2's own card has 0.2. */
  temperature: z.coerce.number().min(0).max(2).default(0.2),
  /** A context of 2,048 tokens holds question and answer. */
  max_tokens: z.coerce.number().int().min(1).max(2048).default(256),
});
export type ChatSettings = z.infer<typeof ChatSettings>;

/** Between an answer as it is written and what is known of it at its end, as JSON (ASCII's record separator: no model writes it). */
export const ANSWER_END = '\u001e';
export const AnswerFigures = z.object({ num_tokens: z.int().nullable(), duration_ms: z.number() });
export type AnswerFigures = z.infer<typeof AnswerFigures>;
