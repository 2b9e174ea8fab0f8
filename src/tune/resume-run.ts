/** A further attempt of a run that was stopped, failed or lost, from its last complete checkpoint. */
import { basename } from 'node:path';
import { AppError } from '../protocol/errors.js';
import type { Plan } from '../protocol/plan.js';
import { writeJson } from '../store/files.js';
import { attemptFiles, lastCheckpoint } from '../store/home.js';
import { addAttempt, readStatus } from './launch/attempts.js';
import { probeMachine } from './plan/machine.js';
import { refuseMachine } from './plan/refuse.js';
import { resumedPlan } from './prepare.js';
import { readPlan } from './read-plan.js';

/** @throws AppError run-active, run-not-resumable for a run that is done */
export function resumeRun(run: string): { attempt: string; plan: Plan } {
  const status = readStatus(run);
  const id = basename(run);
  if (status === 'running') throw new AppError('run-active', { run: id });
  if (status === 'done') throw new AppError('run-not-resumable', { run: id, status, suggestion: `Run \`slipway serve ${id}\` to use it.` });
  const machine = probeMachine(run);
  const plan = resumedPlan(readPlan(run), machine, lastCheckpoint(run));
  refuseMachine(plan, machine);
  return { attempt: addAttempt(run, (attempt) => writeJson(attemptFiles(attempt).plan, plan)), plan };
}
