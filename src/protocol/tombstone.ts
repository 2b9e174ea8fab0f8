/** What is kept of an erased run or comparison: its id, the date, and the hashes of its files. */
import { z } from 'zod';
import { HashedFile } from './artifact.js';

export const Tombstone = z.strictObject({
  kind: z.enum(['run', 'comparison']),
  id: z.string(),
  erased_at: z.iso.datetime(),
  files: z.array(HashedFile),
});
export type Tombstone = z.infer<typeof Tombstone>;
