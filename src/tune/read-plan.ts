/** The plan of a run's last attempt. */
import { basename } from 'node:path';
import { AppError } from '../protocol/errors.js';
import { Plan } from '../protocol/plan.js';
import { ifReadable, readJson } from '../store/files.js';
import { attemptFiles } from '../store/home.js';
import { lastBegun, readStatus } from './launch/attempts.js';

/** @throws AppError run-not-resumable for a run that has no attempt yet */
export function readPlan(run: string): Plan {
  const attempt = lastBegun(run);
  if (attempt) return readJson(attemptFiles(attempt).plan, Plan);
  const id = basename(run);
  throw new AppError('run-not-resumable', {
    run: id,
    status: readStatus(run),
    suggestion: `Run \`slipway show ${id}\` to see its state.`,
  });
}

/** As `readPlan`; null for a run without one, or whose plan another version has written. */
export function readPlanIfKnown(run: string): Plan | null {
  return lastBegun(run) ? ifReadable(() => readPlan(run)) : null;
}
