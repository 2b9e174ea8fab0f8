/** Erasing a run or a comparison: its content goes, the hashes of what was there and a dated tombstone stay. */
import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AppError } from '../../protocol/errors.js';
import { isActive } from '../../protocol/run.js';
import type { Tombstone } from '../../protocol/tombstone.js';
import { writeJson } from '../../store/files.js';
import { sha256File, sha256Value } from '../../store/hash.js';
import { tombstoneFile } from '../../store/home.js';
import { recordInLedger } from '../../store/ledger.js';
import { removeFolder } from '../../store/leftovers.js';
import { readStatus } from '../../tune/launch/attempts.js';
import { findJob, type Job } from '../find-job.js';

/** What would be erased. @throws AppError run-active, job-not-found for an id of neither kind */
export function findErasable(home: string, id: string): Job {
  const job = findJob(home, id);
  if (isActive(readStatus(job.folder))) throw new AppError('run-active', { run: basename(job.folder) });
  return job;
}

/** The tombstone is written before anything goes, so that there is no moment without either. */
export async function erase(home: string, found: Job): Promise<Tombstone> {
  const id = basename(found.folder);
  const names = (readdirSync(found.folder, { recursive: true, encoding: 'utf8' }) as string[]).sort();
  const paths = names.filter((name) => statSync(join(found.folder, name)).isFile());
  const files = [];
  for (const path of paths) {
    const whole = join(found.folder, path);
    files.push({ path, sha256: await sha256File(whole), bytes: statSync(whole).size });
  }
  const tombstone: Tombstone = { kind: found.kind, id, erased_at: new Date().toISOString(), files };
  writeJson(tombstoneFile(home, id), tombstone);
  recordInLedger(home, () => ({
    records: [{ kind: 'erasure', job: found.kind, id, tombstone_sha256: sha256Value(tombstone) }],
    result: undefined,
  }));
  removeFolder(home, found.folder);
  return tombstone;
}
