/** This machine as a launch target: a supervisor in a session of its own, so that a job outlives the terminal. */
import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync, statSync } from 'node:fs';
import { AppError } from '../../protocol/errors.js';
import { ProcessIdentity, type StopRequest } from '../../protocol/run.js';
import { readJson, writeJson } from '../../store/files.js';
import { attemptFiles } from '../../store/home.js';
import { programFile } from '../../store/package.js';
import { isLocked, isOnThisHost, isProcessAlive } from '../../store/processes.js';
import type { LaunchTarget } from './launch-target.js';

const START_TIMEOUT_MS = 20_000;
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
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!existsSync(files.supervisor)) {
      if (supervisor.exitCode !== null || Date.now() > deadline) {
        const problem = readFileSync(files.supervisorLog, 'utf8').slice(-500) || 'the supervisor did not start';
        throw new AppError('worker-failed', { problem, log: files.supervisorLog, run: '' });
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  },

  isAlive(attempt) {
    const files = attemptFiles(attempt);
    // Between its folder and its supervisor an attempt is being started.
    if (!existsSync(files.supervisor)) return isYounger(attempt, START_TIMEOUT_MS);
    const supervisor = readJson(files.supervisor, ProcessIdentity);
    if (isOnThisHost(supervisor)) return isLocked(files.lock) || isProcessAlive(supervisor);
    return existsSync(files.lease) && isYounger(files.lease, LEASE_MS);
  },

  stop(attempt, requestedBy) {
    const request: StopRequest = { requested_at: new Date().toISOString(), requested_by: requestedBy };
    writeJson(attemptFiles(attempt).stop, request);
  },

  /** SIGTERM to the supervisor, which passes it on and sends SIGKILL after a grace period. */
  kill(attempt) {
    const file = attemptFiles(attempt).supervisor;
    if (!existsSync(file)) return;
    const supervisor = readJson(file, ProcessIdentity);
    if (isProcessAlive(supervisor)) process.kill(supervisor.pid, 'SIGTERM');
  },
};

function isYounger(path: string, milliseconds: number): boolean {
  return Date.now() - statSync(path).mtimeMs < milliseconds;
}
