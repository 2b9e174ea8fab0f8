/** Runs begun or gone on with by someone who does not wait for their end: the studio, and `--detach`. */
import { Plan } from '../protocol/plan.js';
import { importedModel } from '../run/weights/resolve-model.js';
import { readJson } from '../store/files.js';
import { attemptFiles } from '../store/home.js';
import { lastAttempt } from '../store/runs.js';
import { ensureEnvironment } from '../tune/environment.js';
import { recipeSplits } from '../tune/prepare.js';
import type { LoadedRecipe } from '../tune/read-recipe.js';
import type { Reporter } from './reporter.js';
import { readyModel, resumeAndFollow, tuneRecipe } from './tune-recipe.js';

/** @returns the run's folder, as soon as it is being trained */
export async function startInBackground(home: string, loaded: LoadedRecipe, reporter: Reporter): Promise<string> {
  const splits = await recipeSplits(loaded);
  const ready = await readyModel(home, loaded, reporter, { offline: false });
  const { run } = await tuneRecipe(home, loaded, splits, ready, reporter, {
    offline: false,
    fresh: true,
    detach: true,
    onRun: nothing,
  });
  return run;
}

/** @throws AppError run-active, run-not-resumable */
export async function resumeInBackground(home: string, run: string): Promise<void> {
  const plan = readJson(attemptFiles(lastAttempt(run) ?? '').plan, Plan);
  const model_folder = importedModel(home, plan.model.id);
  const python = await ensureEnvironment(home, { offline: false, onProgress: () => undefined });
  await resumeAndFollow(run, { python, model_folder }, SILENT, {
    offline: false,
    fresh: false,
    detach: true,
    onRun: nothing,
  });
}

const nothing = () => undefined;
const SILENT: Reporter = { stage: nothing, progress: nothing, note: nothing, event: nothing, done: nothing };
