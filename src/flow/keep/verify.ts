/** Recomputing a run or a comparison from its files, and comparing them with the ledger. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { type Checked, verifyComparison } from '../../compare/verify/verify-comparison.js';
import { AppError } from '../../protocol/errors.js';
import { refuseProblems } from '../../protocol/refuse-problems.js';
import { importedModel } from '../../run/weights/resolve-model.js';
import { verifyBuild } from '../../run/weights/verify-build.js';
import { runFiles } from '../../store/home.js';
import { lineWithHead } from '../../store/ledger.js';
import { readPlan } from '../../tune/read-plan.js';
import { findJob, type Job } from '../find-job.js';
import type { Reporter } from '../reporter.js';
import { replay } from './replay.js';

export interface Verified {
  kind: Job['kind'];
  id: string;
  checked: string[];
}

export interface VerifyOptions {
  /** A head of the ledger that someone has seen, or its beginning. */
  ledger_head?: string | undefined;
  /** Test rows of a comparison that are asked again. */
  replay?: number | undefined;
  onProgress: Reporter['progress'];
}

/** @throws AppError not-verified naming all that was changed; job-not-found for an id of neither kind */
export async function verify(home: string, id: string, options: VerifyOptions): Promise<Verified> {
  const { kind, folder } = findJob(home, id);
  const { checked, problems } = kind === 'run' ? await verifyRun(home, folder) : verifyComparison(folder);
  if (options.ledger_head !== undefined) {
    const line = lineWithHead(home, options.ledger_head);
    if (line === null) problems.push(`no line of the ledger has the hash ${options.ledger_head}: it is not the ledger that was seen`);
    else checked.push(`the ledger up to line ${line} is the one that was seen`);
  }
  refuseProblems(basename(folder), problems);
  if (options.replay !== undefined) {
    if (kind === 'run') throw new AppError('option-invalid', { option: '--replay', problem: 'a run has no test rows', command: 'verify' });
    const again = await replay(folder, options.replay, options.onProgress);
    refuseProblems(basename(folder), again.problems);
    checked.push(...again.checked);
  }
  return { kind, id: basename(folder), checked };
}

async function verifyRun(home: string, run: string): Promise<Checked> {
  if (!existsSync(runFiles(run).artifact)) throw new AppError('build-missing', { run: basename(run) });
  const plan = readPlan(run);
  return await verifyBuild(run, importedModel(home, plan.models.policy.id), plan.parity.served_mean_nats);
}
