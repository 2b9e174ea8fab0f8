/** A recipe's run: a finished one is reused, an unfinished one resumed, else a new one is started. Returns as soon as it is started. */
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { rowLines, type Splits } from '../../data/splits.js';
import { AppError, counted } from '../../protocol/errors.js';
import type { Inspection } from '../../protocol/inspection.js';
import { ModelRecord } from '../../protocol/model-record.js';
import type { Plan } from '../../protocol/plan.js';
import type { AnyRow } from '../../protocol/row.js';
import { isActive, type RunRecord } from '../../protocol/run.js';
import { importedModel } from '../../run/weights/resolve-model.js';
import { readJson } from '../../store/files.js';
import { sha256Text, sha256Value } from '../../store/hash.js';
import { modelFiles, runFiles, runFolder, startLock } from '../../store/home.js';
import { withLockHeld } from '../../store/lock.js';
import { listRuns } from '../../store/runs.js';
import { ensureEnvironment } from '../../tune/environment.js';
import { type OpenedAttempt, readStatus } from '../../tune/launch/attempts.js';
import { createRun } from '../../tune/launch/create-run.js';
import { targetOf } from '../../tune/launch/targets.js';
import { workerCommand } from '../../tune/launch/worker-command.js';
import type { ReadyModel } from '../../tune/prepare.js';
import { readPlan, readPlanIfKnown } from '../../tune/read-plan.js';
import { type CommandLine, type LoadedRecipe, parseRecipe } from '../../tune/read-recipe.js';
import { resumeRun } from '../../tune/resume-run.js';
import { recipeGate } from '../compare/recipe-gate.js';
import type { Reporter } from '../reporter.js';

export interface RunRequest {
  loaded: LoadedRecipe;
  splits: Splits;
  ready: ReadyModel;
  /** Ignores earlier runs. */
  fresh: boolean;
}

export interface StartedRun {
  run: string;
  /** A finished run was reused. */
  is_done: boolean;
}

/** Of several commands with one recipe at once one starts the run, and the others get it. @throws AppError of rows, gate, targets, machine */
export async function startRun(home: string, request: RunRequest, reporter: Reporter): Promise<StartedRun> {
  if (request.fresh) return await findOrStart(home, request, reporter);
  const asked = sha256Value([trainedBy(request.loaded.file, request.loaded.text, request.loaded.command_line), request.ready.model_folder]);
  const lock = startLock(home, asked.slice(0, 16));
  return await withLockHeld(lock, () => findOrStart(home, request, reporter), {
    onWait: () => reporter.note('another command is starting this run: waiting for it'),
  });
}

async function findOrStart(home: string, request: RunRequest, reporter: Reporter): Promise<StartedRun> {
  const { loaded, splits, ready } = request;
  const earlier = request.fresh ? null : findEarlierRun(home, request);
  const status = earlier && readStatus(earlier);
  if (earlier && status === 'done') {
    reporter.stage('tune', `run ${basename(earlier)}`);
    reporter.done('reused: inputs unchanged');
    return { run: earlier, is_done: true };
  }
  if (earlier && status && isActive(status)) return { run: earlier, is_done: false };
  if (earlier) {
    await startAttempt(ready.python, await resumeRun(earlier));
    return { run: earlier, is_done: false };
  }
  reporter.stage('tune', 'checking the rows');
  const created = await createRun(home, loaded, splits, { ...ready, gate_sha256: recipeGate(loaded)?.sha256 ?? null });
  describeInspection(created.inspection, reporter);
  await startAttempt(ready.python, { ...created, is_new: true });
  return { run: created.folder, is_done: false };
}

/** Continues a run that was stopped, failed or lost. @throws AppError run-not-resumable, model-not-found */
export async function resume(home: string, run: string, onProgress: Reporter['progress']): Promise<void> {
  importedModel(home, readPlan(run).models.policy.id);
  const python = await ensureEnvironment(home, { offline: false, onProgress });
  await startAttempt(python, await resumeRun(run));
}

async function startAttempt(python: string, { attempt, is_new, plan }: OpenedAttempt & { plan: Plan }): Promise<void> {
  if (!is_new) return;
  await targetOf(attempt).start(attempt, workerCommand(python, plan, attempt));
}

function describeInspection(inspection: Inspection, reporter: Reporter): void {
  for (const split of inspection.splits) {
    const { min, median } = split.supervised_tokens;
    const endOfTurn = split.is_end_of_turn_supervised ? 'end of turn supervised' : 'END OF TURN NOT SUPERVISED';
    const cut =
      split.truncated_rows.length > 0 ? `, ${counted(split.truncated_rows.length, 'row')} cut to ${inspection.max_length} tokens` : '';
    reporter.note(
      `${split.split}: ${split.num_rows} rows, ${split.num_tokens} tokens; supervised tokens per row: min ${min}, median ${median}; ${endOfTurn}${cut}`,
    );
  }
}

/** The newest run of the same settings, train and dev rows, base and parent. Gate and test rows are the comparison's. */
export function findEarlierRun(
  home: string,
  { loaded, splits, ready: { model_folder, parent } }: Pick<RunRequest, 'loaded' | 'splits'> & { ready: Omit<ReadyModel, 'python'> },
): string | null {
  const { sha256 } = readJson(modelFiles(model_folder).record, ModelRecord);
  const hashOf = (rows: AnyRow[]) => (rows.length > 0 ? sha256Text(rowLines(rows)) : null);
  const [train, dev] = [hashOf(splits.train), hashOf(splits.dev)];
  for (const record of listRuns(home)) {
    const run = runFolder(home, record.id);
    if (!isSameAsked(run, record, loaded)) continue;
    const plan = readPlanIfKnown(run);
    if (!plan) continue;
    const { data, models } = plan;
    const isSameRows = data.train_sha256 === train && data.dev_sha256 === dev;
    const isSameModel = models.policy.sha256 === sha256 && (models.policy.adapter?.sha256 ?? null) === (parent?.artifact.sha256 ?? null);
    if (isSameRows && isSameModel) return run;
  }
  return null;
}

function isSameAsked(run: string, record: RunRecord, loaded: LoadedRecipe): boolean {
  const { recipe } = runFiles(run);
  if (!existsSync(recipe)) return false;
  const earlier = trainedBy(record.recipe_file, readFileSync(recipe, 'utf8'), record.command_line);
  return earlier !== null && earlier === trainedBy(loaded.file, loaded.text, loaded.command_line);
}

/** Hash of what a recipe says of training, its rows aside; null for one that this version cannot read. */
function trainedBy(file: string, text: string, commandLine: CommandLine): string | null {
  try {
    const { gate: _gate, data: _data, allow = [], ...rest } = parseRecipe(file, text, commandLine).recipe;
    return sha256Value({ ...rest, allow: allow.filter((override) => override !== 'near-duplicates') });
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}
