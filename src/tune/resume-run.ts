/** A further attempt of a run that was stopped, failed or lost, from its last complete checkpoint: by the plan of its first attempt. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { AppError, counted } from '../protocol/errors.js';
import { ModelRecord } from '../protocol/model-record.js';
import { Plan } from '../protocol/plan.js';
import { isActive } from '../protocol/run.js';
import { readJson, writeJson } from '../store/files.js';
import { sha256File } from '../store/hash.js';
import { artifactFiles, attemptFiles, lastCheckpoint, listAttempts, modelFiles, runFiles } from '../store/home.js';
import { lastBegun, type OpenedAttempt, openAttempt, readStatus } from './launch/attempts.js';
import { type Machine, probeMachine } from './plan/machine.js';
import { refuseMachine } from './plan/refuse.js';
import { resumedPlan } from './prepare.js';

/**
 * Of a run that another process resumes the attempt that it has opened.
 * @throws AppError run-not-resumable for a run that is done, resume-differs when model, data or machine are not those
 * that it was begun with
 */
export async function resumeRun(run: string): Promise<OpenedAttempt & { plan: Plan }> {
  const status = readStatus(run);
  const id = basename(run);
  const active = isActive(status) ? lastBegun(run) : null;
  if (active) return { attempt: active, is_new: false, plan: readJson(attemptFiles(active).plan, Plan) };
  if (status === 'done') throw new AppError('run-not-resumable', { run: id, status, suggestion: `Run \`slipway serve ${id}\` to use it.` });
  const [first] = listAttempts(run);
  if (!first) throw new AppError('run-not-resumable', { run: id, status, suggestion: `Run \`slipway show ${id}\` to see its state.` });
  const begun = readJson(attemptFiles(first).plan, Plan);
  const machine = probeMachine(run);
  const problems = await differences(run, begun, machine);
  if (problems.length > 0) {
    const lines = problems.map((problem) => `  ${problem}`).join('\n');
    throw new AppError('resume-differs', { run: id, count: counted(problems.length, 'thing'), problems: lines });
  }
  const plan = resumedPlan(begun, machine, lastCheckpoint(run));
  refuseMachine(plan, machine);
  return { ...openAttempt(run, (attempt) => writeJson(attemptFiles(attempt).plan, plan)), plan };
}

/** What would make the rest of the training another one. The number of cores is none of it. */
async function differences(run: string, { models, data, device, values }: Plan, machine: Machine): Promise<string[]> {
  const files = runFiles(run);
  const { policy } = models;
  const { record } = modelFiles(policy.folder);
  const model = existsSync(record) ? readJson(record, ModelRecord).sha256 : null;
  const hashOf = async (file: string) => (existsSync(file) ? await sha256File(file) : null);
  const parent = policy.adapter && (await hashOf(artifactFiles(policy.adapter.folder).artifact));
  const numGpus = values.run.num_processes;
  return [
    ...(model === policy.sha256 ? [] : [`model: ${policy.id} ${model ? 'has other weights' : 'is not here'}`]),
    ...(policy.adapter && parent !== policy.adapter.sha256 ? [`model: the adapter of run ${policy.adapter.run} is another`] : []),
    ...((await hashOf(files.train)) === data.train_sha256 ? [] : ['data: train.jsonl of the run was changed']),
    ...((await hashOf(files.dev)) === data.dev_sha256 ? [] : ['data: dev.jsonl of the run was changed']),
    ...(device === 'cuda' && machine.gpus.length < numGpus
      ? [`machine: it was begun on ${counted(numGpus, 'GPU')}, here: ${machine.gpus.length}`]
      : []),
    ...(device === 'cpu' && values.model.precision === 'bfloat16' && !machine.has_bfloat16
      ? ['machine: it was begun in bfloat16, which this CPU does not have']
      : []),
  ];
}
