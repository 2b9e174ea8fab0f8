/** What is left of erased runs and comparisons. */
import { AppError } from '../protocol/errors.js';
import { Tombstone } from '../protocol/tombstone.js';
import { readJsonIfKnown } from './files.js';
import { tombstoneFile } from './home.js';

/** Ids are names of folders: whatever else is asked for was never erased. */
const ID = /^[^/\\]+$/;

export function findTombstone(home: string, id: string): Tombstone | null {
  return ID.test(id) ? readJsonIfKnown(tombstoneFile(home, id), Tombstone) : null;
}

/** For an id that nothing has. @throws AppError erased */
export function refuseErased(home: string, id: string): void {
  const found = findTombstone(home, id);
  if (!found) return;
  throw new AppError('erased', { kind: found.kind, id, date: found.erased_at.slice(0, 10), tombstone: tombstoneFile(home, id) });
}
