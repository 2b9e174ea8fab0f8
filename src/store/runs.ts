/** Reading run folders. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../protocol/errors.js';
import { Exit, ProcessIdentity, RunRecord, type RunStatus } from '../protocol/run.js';
import { readJson } from './files.js';
import { attemptFiles, runFiles, runFolder } from './home.js';
import { isAlive, isLocked, isOnThisHost } from './processes.js';

/** Rank 0 renews its lease every 10 s; six missed renewals are no pause any more. */
const LEASE_SECONDS = 60;

export function listRuns(home: string): RunRecord[] {
  const folder = join(home, 'runs');
  if (!existsSync(folder)) return [];
  const records = readdirSync(folder)
    .map((id) => runFiles(runFolder(home, id)).record)
    .filter((file) => existsSync(file))
    .map((file) => readJson(file, RunRecord));
  return records.sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
}

/** The run of that id, or of a beginning that only one id has. @throws AppError run-not-found */
export function findRun(home: string, id: string): string {
  const run = findRunIfAny(home, id);
  if (!run) throw new AppError('run-not-found', { run: id });
  return run;
}

/** As `findRun`, for an id that may be something else. */
export function findRunIfAny(home: string, id: string): string | null {
  const ids = listRuns(home).map((record) => record.id);
  const matches = ids.includes(id) ? [id] : ids.filter((known) => known.startsWith(id));
  return id !== '' && matches.length === 1 ? runFolder(home, matches[0] as string) : null;
}

export function newestDoneRun(home: string): string | null {
  const folders = listRuns(home).map(({ id }) => runFolder(home, id));
  return folders.find((run) => readRunStatus(run) === 'done') ?? null;
}

export function listAttempts(run: string): string[] {
  const folder = runFiles(run).attempts;
  if (!existsSync(folder)) return [];
  const numbers = readdirSync(folder).filter((name) => /^\d+$/.test(name));
  return numbers.sort((a, b) => Number(a) - Number(b)).map((name) => join(folder, name));
}

export function lastAttempt(run: string): string | null {
  return listAttempts(run).at(-1) ?? null;
}

/** Done, running, stopped, failed and lost are told apart by what lies in the folder and by who holds the lock. */
export function readRunStatus(run: string): RunStatus {
  if (existsSync(runFiles(run).artifact)) return 'done';
  const attempt = lastAttempt(run);
  if (!attempt) return 'preparing';
  const files = attemptFiles(attempt);
  if (existsSync(files.exit)) {
    const { reason } = readJson(files.exit, Exit);
    // An attempt that says done without an artifact has lost its work.
    return reason === 'done' ? 'lost' : reason;
  }
  return isAttemptAlive(attempt) ? 'running' : 'lost';
}

export function isAttemptAlive(attempt: string): boolean {
  const files = attemptFiles(attempt);
  if (!existsSync(files.supervisor)) return false;
  const supervisor = readJson(files.supervisor, ProcessIdentity);
  if (isOnThisHost(supervisor)) return isLocked(files.lock) || isAlive(supervisor);
  return existsSync(files.lease) && Date.now() - statSync(files.lease).mtimeMs < LEASE_SECONDS * 1000;
}
