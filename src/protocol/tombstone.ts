/** What stays of a run or comparison that was erased: that it was there, when it went, and what its files hashed to. */
import { z } from 'zod';
import { HashedFile } from './artifact.js';

export const Tombstone = z.strictObject({
  kind: z.enum(['run', 'comparison']),
  id: z.string(),
  erased_at: z.iso.datetime(),
  files: z.array(HashedFile),
});
export type Tombstone = z.infer<typeof Tombstone>;
