/** Asking a run or a comparison to stop: it saves what it has between two steps and ends. */
import { basename } from 'node:path';
import { AppError } from '../../protocol/errors.js';
import { isActive } from '../../protocol/run.js';
import { lastBegun, readStatus } from './attempts.js';
import { targetOf } from './targets.js';

/** @throws AppError run-not-resumable when nothing runs */
export function stopJob(job: string, requestedBy: string): void {
  const attempt = lastBegun(job);
  const status = readStatus(job);
  const id = basename(job);
  if (!attempt || !isActive(status)) {
    throw new AppError('run-not-resumable', { run: id, status, suggestion: `Run \`slipway show ${id}\` to see its state.` });
  }
  targetOf(attempt).stop(attempt, requestedBy);
}

/** Ends it at once, without saving. */
export function killJob(job: string): void {
  const attempt = lastBegun(job);
  if (attempt) targetOf(attempt).kill(attempt);
}
