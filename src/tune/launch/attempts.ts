/** The attempts of a job, which is a run or a comparison: opening one, and telling how the job stands. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Exit, isActive, type JobStatus, type LaunchRecord } from '../../protocol/run.js';
import { readJsonIfKnown, writeJson } from '../../store/files.js';
import { attemptFiles, jobFiles, listAttempts } from '../../store/home.js';
import { withLock } from '../../store/lock.js';
import { identifyProcess } from '../../store/processes.js';
import { targetOf } from './targets.js';

export interface OpenedAttempt {
  attempt: string;
  /** False: another process opened it, or the job is done; it is followed, and not started. */
  is_new: boolean;
}

/**
 * The next attempt of a job, with its files or not at all. Of several commands at once one opens it, and the others get the same.
 * @param write puts the attempt's files into a folder
 * @throws AppError locked, disk-full
 */
export function openAttempt(job: string, write: (folder: string) => void): OpenedAttempt {
  return withLock(jobFiles(job).lock, () => {
    const last = lastBegun(job);
    const status = readStatus(job);
    if (last && (isActive(status) || status === 'done')) return { attempt: last, is_new: false };
    return { attempt: addAttempt(job, write), is_new: true };
  });
}

function addAttempt(job: string, write: (folder: string) => void): string {
  const { attempts } = jobFiles(job);
  mkdirSync(attempts, { recursive: true });
  const attempt = join(attempts, String(listAttempts(job).length + 1));
  const temporary = mkdtempSync(join(attempts, '.new-'));
  try {
    const launch: LaunchRecord = { target: 'local', started_by: identifyProcess(process.pid) };
    writeJson(attemptFiles(temporary).launch, launch);
    targetOf(temporary).reserve(temporary);
    write(temporary);
    renameSync(temporary, attempt);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw error;
  }
  return attempt;
}

/** The last attempt that a supervisor took on, or that is being started; one whose starter died before it is passed over. */
export function lastBegun(job: string): string | null {
  return listAttempts(job).findLast(hasBegun) ?? null;
}

function hasBegun(attempt: string): boolean {
  const { supervisor, exit } = attemptFiles(attempt);
  return existsSync(supervisor) || existsSync(exit) || targetOf(attempt).isAlive(attempt);
}

/** Its work is there, and the supervisor is still writing into the ledger what it was: until then nothing may be built on it. */
function isClosing(attempt: string): boolean {
  return !existsSync(attemptFiles(attempt).exit) && targetOf(attempt).isAlive(attempt);
}

/** Told by the files in the folder and by whether the last attempt is alive. */
export function readStatus(job: string): JobStatus {
  const attempt = lastBegun(job);
  if (existsSync(jobFiles(job).result)) return attempt && isClosing(attempt) ? 'running' : 'done';
  if (!attempt) return listAttempts(job).length > 0 ? 'lost' : 'preparing';
  const { exit, supervisor, stop } = attemptFiles(attempt);
  if (existsSync(exit)) {
    const reason = readJsonIfKnown(exit, Exit)?.reason;
    // An attempt that ended as done without a result has lost its work, and one whose end cannot be read has told nobody why.
    return reason === undefined || reason === 'done' ? 'lost' : reason;
  }
  if (!targetOf(attempt).isAlive(attempt)) return 'lost';
  if (!existsSync(supervisor)) return 'starting';
  return existsSync(stop) ? 'stopping' : 'running';
}
