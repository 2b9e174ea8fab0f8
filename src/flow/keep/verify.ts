/** Recomputing a run or a comparison from its files. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { verifyComparison } from '../../compare/verify-comparison.js';
import { AppError, counted } from '../../protocol/errors.js';
import { importedModel } from '../../run/weights/resolve-model.js';
import { verifyBuild } from '../../run/weights/verify-build.js';
import { runFiles } from '../../store/home.js';
import { readPlan } from '../../tune/read-plan.js';
import { findJob, type Job } from '../find-job.js';

export interface Verified {
  kind: Job['kind'];
  id: string;
  checked: string[];
}

/** @throws AppError not-verified naming all that does not recompute; comparison-not-found for an id of neither kind */
export async function verify(home: string, id: string): Promise<Verified> {
  const { kind, folder } = findJob(home, id);
  const { checked, problems } = kind === 'run' ? await verifyRun(home, folder) : verifyComparison(folder);
  if (problems.length > 0) {
    const shown = problems.slice(0, 20).map((problem) => `  ${problem}`);
    throw new AppError('not-verified', { count: counted(problems.length, 'figure'), problems: shown.join('\n'), what: basename(folder) });
  }
  return { kind, id: basename(folder), checked };
}

async function verifyRun(home: string, run: string) {
  if (!existsSync(runFiles(run).artifact)) throw new AppError('build-missing', { run: basename(run) });
  return await verifyBuild(run, importedModel(home, readPlan(run).models.policy.id));
}
