/** label.json of a run: a name and a note of one's own. Both may be written again at any time; nothing is computed from them. */
import { z } from 'zod';

export const RunLabel = z.strictObject({ name: z.string().max(100), note: z.string().max(4000) });
export type RunLabel = z.infer<typeof RunLabel>;
