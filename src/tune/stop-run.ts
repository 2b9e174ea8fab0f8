/** Asking a run to stop: it saves a checkpoint between two steps and ends. */
import { basename } from 'node:path';
import { AppError } from '../protocol/errors.js';
import { ProcessIdentity, type StopRequest } from '../protocol/run.js';
import { readJson, writeJson } from '../store/files.js';
import { attemptFiles } from '../store/home.js';
import { isAlive } from '../store/processes.js';
import { lastAttempt, readRunStatus } from '../store/runs.js';

/** @throws AppError run-not-resumable when nothing runs */
export function stopRun(run: string, requestedBy: string): void {
  const attempt = lastAttempt(run);
  const status = readRunStatus(run);
  if (!attempt || status !== 'running') {
    throw new AppError('run-not-resumable', {
      run: basename(run),
      status,
      suggestion: `Run \`slipway show ${basename(run)}\` for what became of it.`,
    });
  }
  const request: StopRequest = { requested_at: new Date().toISOString(), requested_by: requestedBy };
  writeJson(attemptFiles(attempt).stop, request);
}

/** Ends a run at once, through its supervisor: SIGTERM, and SIGKILL after the grace period. */
export function killRun(run: string): void {
  const attempt = lastAttempt(run);
  if (!attempt) return;
  const supervisor = readJson(attemptFiles(attempt).supervisor, ProcessIdentity);
  if (isAlive(supervisor)) process.kill(supervisor.pid, 'SIGTERM');
}
