/** This machine as a launch target: a supervisor in a session of its own, so that a job outlives the terminal. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { AppError } from '../../protocol/errors.js';
import { DISK_FULL_EXIT, LaunchRecord, ProcessIdentity, type StopRequest } from '../../protocol/run.js';
import { readJsonIfKnown, writeJson, writeWhole } from '../../store/files.js';
import { attemptFiles, jobOf } from '../../store/home.js';
import { programFile } from '../../store/package.js';
import { isLocked, isOnThisHost, isProcessAlive } from '../../store/processes.js';
import type { LaunchTarget } from './launch-target.js';

const START_TIMEOUT_MS = 20_000;
/** Several blocks of a file system: exit.json and its temporary file, each with its entry in a folder. */
const RESERVED_BYTES = 32_768;
/** Rank 0 renews its lease every 10 s; six missed renewals are no pause any more. */
const LEASE_MS = 60_000;

export const LOCAL: LaunchTarget = {
  /** Returns as soon as the supervisor has recorded itself. @throws AppError worker-failed */
  async start(attempt, command) {
    const files = attemptFiles(attempt);
    const output = openSync(files.supervisorLog, 'a', 0o600);
    const supervisor = spawn(process.execPath, [programFile('tune/launch/supervise'), attempt, ...command], {
      detached: true,
      stdio: ['ignore', output, output],
    });
    supervisor.unref();
    closeSync(output);
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!existsSync(files.supervisor)) {
      if (supervisor.exitCode !== null || Date.now() > deadline) {
        supervisor.kill('SIGKILL');
        if (supervisor.exitCode === DISK_FULL_EXIT) throw new AppError('disk-full', { problem: attempt, run: basename(jobOf(attempt)) });
        const problem = readFileSync(files.supervisorLog, 'utf8').slice(-500) || 'the supervisor did not start';
        throw new AppError('worker-failed', { problem, log: files.supervisorLog, run: '' });
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  },

  isAlive(attempt) {
    const files = attemptFiles(attempt);
    if (!existsSync(files.supervisor)) return isBeingStarted(attempt);
    const supervisor = readJsonIfKnown(files.supervisor, ProcessIdentity);
    if (!supervisor) return isLocked(files.lock);
    if (isOnThisHost(supervisor)) return isLocked(files.lock) || isProcessAlive(supervisor);
    return existsSync(files.lease) && isYounger(files.lease, LEASE_MS);
  },

  reserve(attempt) {
    writeWhole(attemptFiles(attempt).reserve, '\0'.repeat(RESERVED_BYTES));
  },

  stop(attempt, requestedBy) {
    const request: StopRequest = { requested_at: new Date().toISOString(), requested_by: requestedBy };
    writeJson(attemptFiles(attempt).stop, request);
  },

  /** SIGTERM to the supervisor, which passes it on and sends SIGKILL after a grace period. */
  kill(attempt) {
    const file = attemptFiles(attempt).supervisor;
    const supervisor = readJsonIfKnown(file, ProcessIdentity);
    if (supervisor && isProcessAlive(supervisor)) process.kill(supervisor.pid, 'SIGTERM');
  },
};

/** Between its folder and its supervisor, while who starts it lives. */
function isBeingStarted(attempt: string): boolean {
  if (!isYounger(attempt, START_TIMEOUT_MS)) return false;
  const starter = readJsonIfKnown(attemptFiles(attempt).launch, LaunchRecord)?.started_by;
  return !starter || !isOnThisHost(starter) || isProcessAlive(starter);
}

function isYounger(path: string, milliseconds: number): boolean {
  return Date.now() - statSync(path).mtimeMs < milliseconds;
}
