/** The attempts of a job, which is a run or a comparison: adding one, and telling how the job stands. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AppError } from '../../protocol/errors.js';
import { Exit, type JobStatus, type LaunchRecord } from '../../protocol/run.js';
import { readJson, writeJson } from '../../store/files.js';
import { attemptFiles, jobFiles, lastAttempt, listAttempts } from '../../store/home.js';
import { targetOf } from './targets.js';

/**
 * The next attempt's folder, there with its files or not at all: of two that are added at once one is.
 * @param write puts the attempt's files into a folder
 * @throws AppError run-active when another process was first
 */
export function addAttempt(job: string, write: (folder: string) => void): string {
  const { attempts } = jobFiles(job);
  mkdirSync(attempts, { recursive: true });
  const attempt = join(attempts, String(listAttempts(job).length + 1));
  const temporary = mkdtempSync(join(attempts, '.new-'));
  const launch: LaunchRecord = { target: 'local' };
  writeJson(attemptFiles(temporary).launch, launch);
  try {
    write(temporary);
    renameSync(temporary, attempt);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    if (existsSync(attempt)) throw new AppError('run-active', { run: basename(job) });
    throw error;
  }
  return attempt;
}

/** Done, running, stopped, failed and lost are told apart by the files in the folder and by whether the attempt is alive. */
export function readStatus(job: string): JobStatus {
  if (existsSync(jobFiles(job).result)) return 'done';
  const attempt = lastAttempt(job);
  if (!attempt) return 'preparing';
  const { exit } = attemptFiles(attempt);
  if (existsSync(exit)) {
    const { reason } = readJson(exit, Exit);
    // An attempt that ended as done without a result has lost its work.
    return reason === 'done' ? 'lost' : reason;
  }
  return targetOf(attempt).isAlive(attempt) ? 'running' : 'lost';
}
