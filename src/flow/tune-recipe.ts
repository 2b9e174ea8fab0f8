/** A recipe up to its artifact: environment, weights, rows, run. What is finished and unchanged is reused. */
import { basename } from 'node:path';
import type { Splits } from '../data/splits.js';
import { rowLines } from '../data/splits.js';
import { counted } from '../protocol/errors.js';
import type { Inspection } from '../protocol/inspection.js';
import { ModelRecord } from '../protocol/model-record.js';
import { Plan } from '../protocol/plan.js';
import type { RunRecord, RunStatus } from '../protocol/run.js';
import { duration, gigabytes } from '../protocol/units.js';
import { resolveModel } from '../run/weights/resolve-model.js';
import { readJson, readJsonIfKnown } from '../store/files.js';
import { sha256Text, sha256Value } from '../store/hash.js';
import { attemptFiles, modelFiles, runFiles, runFolder } from '../store/home.js';
import { lastAttempt, listRuns, readRunStatus } from '../store/runs.js';
import { ensureEnvironment } from '../tune/environment.js';
import { type Ending, followAttempt } from '../tune/follow.js';
import { createRun } from '../tune/launch/create-run.js';
import { startSupervisor } from '../tune/launch/start-supervisor.js';
import { workerCommand } from '../tune/launch/worker-command.js';
import type { LoadedRecipe } from '../tune/read-recipe.js';
import { resumeRun } from '../tune/resume-run.js';
import { refuseElsewhere } from './find-model.js';
import type { Reporter } from './reporter.js';

export interface TuneOptions {
  offline: boolean;
  /** Ignores what was done before. */
  fresh: boolean;
  /** Returns as soon as it trains. */
  detach: boolean;
  /** Told the run as soon as there is one, so that it can be stopped. */
  onRun: (run: string) => void;
}

/** The environment and the model folder that a recipe needs. */
export async function readyModel(
  home: string,
  loaded: LoadedRecipe,
  reporter: Reporter,
  options: { offline: boolean },
): Promise<{ python: string; model_folder: string }> {
  refuseElsewhere(home, loaded, reporter);
  reporter.stage('environment', 'Python with PyTorch and TRL');
  const python = await ensureEnvironment(home, { offline: options.offline, onProgress: reporter.progress });
  reporter.done(python);
  reporter.stage('weights', loaded.recipe.model);
  const model_folder = await resolveModel(home, loaded.recipe.model, {
    offline: options.offline,
    python: async () => python,
    onProgress: reporter.progress,
  });
  const record = readJson(modelFiles(model_folder).record, ModelRecord);
  reporter.done(
    `${record.id}, ${record.quantization}, ${(record.num_parameters / 1e6).toFixed(0)} M parameters, licence ${record.license.id}, sha256 ${record.sha256.slice(0, 12)}…`,
  );
  return { python, model_folder };
}

/** Starts the recipe's run, resumes an unfinished one, or reuses a finished one; follows it to its end. */
export async function tuneRecipe(
  home: string,
  loaded: LoadedRecipe,
  splits: Splits,
  ready: { python: string; model_folder: string },
  reporter: Reporter,
  options: TuneOptions,
): Promise<{ run: string; ending: Ending | null }> {
  const earlier = options.fresh ? null : findEarlierRun(home, loaded, splits, ready.model_folder);
  if (earlier?.status === 'done') {
    reporter.stage('tune', `run ${basename(earlier.run)}`);
    reporter.done('reused: inputs unchanged');
    options.onRun(earlier.run);
    return { run: earlier.run, ending: { reason: 'done' } };
  }
  if (earlier?.status === 'running') return await follow(earlier.run, reporter, options);
  if (earlier) return await resumeAndFollow(earlier.run, ready, reporter, options);
  reporter.stage('tune', 'checking the rows');
  const created = await createRun(home, loaded, splits, ready);
  describeInspection(created.inspection, reporter);
  await startSupervisor(created.attempt, workerCommand(ready.python, created.plan, created.attempt));
  return await follow(created.folder, reporter, options);
}

export async function resumeAndFollow(
  run: string,
  ready: { python: string; model_folder: string },
  reporter: Reporter,
  options: TuneOptions,
): Promise<{ run: string; ending: Ending | null }> {
  const { attempt, plan } = resumeRun(run, ready.model_folder);
  await startSupervisor(attempt, workerCommand(ready.python, plan, attempt));
  return await follow(run, reporter, options);
}

/** Follows the last attempt of a run. */
export async function follow(
  run: string,
  reporter: Reporter,
  options: Pick<TuneOptions, 'detach' | 'onRun'>,
): Promise<{ run: string; ending: Ending | null }> {
  const attempt = lastAttempt(run) as string;
  const plan = readJson(attemptFiles(attempt).plan, Plan);
  const time = plan.forecast.duration_s === null ? '' : `${duration(plan.forecast.duration_s)} and `;
  reporter.stage(
    'tune',
    `run ${basename(run)}: ${plan.forecast.num_steps} steps, forecast ${time}${gigabytes(plan.forecast.memory_bytes)}`,
  );
  options.onRun(run);
  if (options.detach) return { run, ending: null };
  const ending = await followAttempt(attempt, (event) => reporter.event(event, plan.forecast.num_steps));
  if (ending.reason === 'done') reporter.done(`adapter in ${runFiles(run).artifactFolder}`);
  return { run, ending };
}

function describeInspection(inspection: Inspection, reporter: Reporter): void {
  for (const split of inspection.splits) {
    const { min, median } = split.supervised_tokens;
    const endOfTurn = split.is_end_of_turn_supervised ? 'end of turn supervised' : 'END OF TURN NOT SUPERVISED';
    const cut =
      split.truncated_rows.length > 0 ? `, ${counted(split.truncated_rows.length, 'row')} cut to ${inspection.max_length} tokens` : '';
    reporter.note(
      `${split.split}: ${split.num_rows} rows, ${split.num_tokens} tokens, supervised a row ${min} at least and ${median} in the middle, ${endOfTurn}${cut}`,
    );
  }
}

/** The newest run of the same recipe, settings, rows and base. */
function findEarlierRun(
  home: string,
  loaded: LoadedRecipe,
  splits: Splits,
  modelFolder: string,
): { run: string; status: RunStatus } | null {
  const trainHash = sha256Text(rowLines(splits.train));
  const base = readJson(modelFiles(modelFolder).record, ModelRecord).sha256;
  for (const record of listRuns(home)) {
    const run = runFolder(home, record.id);
    const attempt = lastAttempt(run);
    if (!attempt || !isSameAsked(record, loaded)) continue;
    const plan = readJsonIfKnown(attemptFiles(attempt).plan, Plan);
    if (plan?.data.train_sha256 === trainHash && plan.model.sha256 === base) return { run, status: readRunStatus(run) };
  }
  return null;
}

function isSameAsked(record: RunRecord, loaded: LoadedRecipe): boolean {
  return record.recipe_sha256 === loaded.sha256 && sha256Value(record.command_line) === sha256Value(loaded.command_line);
}
