/** Finding runs. */
import { join } from 'node:path';
import { AppError } from '../protocol/errors.js';
import { RunRecord } from '../protocol/run.js';
import { readRecords } from './files.js';
import { runFiles, runFolder } from './home.js';
import { matchId, refuseAmbiguous } from './match-id.js';
import { refuseErased } from './tombstones.js';

/** The runs of a home, the newest first. One whose record cannot be read is passed over: `unreadableRuns` names it. */
export function listRuns(home: string): RunRecord[] {
  return readRuns(home).records.sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
}

/** Ids of runs that are damaged, or that another version of Slipway has written. */
export const unreadableRuns = (home: string) => readRuns(home).unreadable;

const readRuns = (home: string) => readRecords(join(home, 'runs'), (folder) => runFiles(folder).record, RunRecord);

export const runIds = (home: string) => listRuns(home).map(({ id }) => id);

/** The run of that id, or of a beginning that only one id has. @throws AppError run-not-found, erased, id-ambiguous */
export function findRun(home: string, id: string): string {
  const run = findRunIfAny(home, id);
  if (!run) {
    refuseErased(home, id);
    refuseAmbiguous(id, runIds(home));
    throw new AppError('run-not-found', { run: id });
  }
  return run;
}

/** As `findRun`, for an id that may be something else. */
export function findRunIfAny(home: string, id: string): string | null {
  const found = matchId(id, runIds(home));
  return found === null ? null : runFolder(home, found);
}
