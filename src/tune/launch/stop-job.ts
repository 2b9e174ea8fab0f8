/** Asking a run or a comparison to stop: it saves what it has between two steps and ends. */
import { basename } from 'node:path';
import { AppError } from '../../protocol/errors.js';
import { isActive } from '../../protocol/run.js';
import { lastBegun, readStatus } from './attempts.js';
import { targetOf } from './targets.js';

/** @throws AppError not-running */
export function stopJob(job: string, requestedBy: string): void {
  const attempt = lastBegun(job);
  const status = readStatus(job);
  const id = basename(job);
  if (!attempt || !isActive(status)) {
    throw new AppError('not-running', { id, status });
  }
  targetOf(attempt).stop(attempt, requestedBy);
}

/** Ends it at once, without saving. */
export function killJob(job: string): void {
  const attempt = lastBegun(job);
  if (attempt) targetOf(attempt).kill(attempt);
}
