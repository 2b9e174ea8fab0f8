/** What a recipe needs before its rows can be inspected: the Python environment, the model's weights, the parent's adapter. */
import { ModelRecord } from '../../protocol/model-record.js';
import { importedModel, resolveModel } from '../../run/weights/resolve-model.js';
import { readJson } from '../../store/files.js';
import { modelFiles } from '../../store/home.js';
import { findRunIfAny } from '../../store/runs.js';
import { ensureEnvironment } from '../../tune/environment.js';
import type { ReadyModel } from '../../tune/prepare.js';
import { readParent } from '../../tune/read-parent.js';
import { readPlan } from '../../tune/read-plan.js';
import type { LoadedRecipe } from '../../tune/read-recipe.js';
import type { Reporter } from '../reporter.js';
import { refuseElsewhere } from './find-model.js';

/** @throws AppError gpu-insufficient, weights-not-here, build-missing for a parent without an artifact, and those of fetching */
export async function readyModel(
  home: string,
  loaded: LoadedRecipe,
  reporter: Reporter,
  { offline }: { offline: boolean },
): Promise<ReadyModel> {
  refuseElsewhere(home, loaded, reporter);
  const { model } = loaded.recipe;
  const run = findRunIfAny(home, model);
  const parent = run ? await readParent(run) : null;
  reporter.stage('environment', 'Python with PyTorch and TRL');
  const python = await ensureEnvironment(home, { offline, onProgress: reporter.progress });
  reporter.done(python);
  reporter.stage('weights', model);
  const model_folder = run
    ? importedModel(home, readPlan(run).models.policy.id)
    : await resolveModel(home, model, { offline, python: async () => python, onProgress: reporter.progress });
  const { id, quantization, num_parameters, license, sha256 } = readJson(modelFiles(model_folder).record, ModelRecord);
  const of = parent ? `the adapter of run ${parent.artifact.run} on ` : '';
  const millions = (num_parameters / 1e6).toFixed(0);
  reporter.done(`${of}${id}, ${quantization}, ${millions} M parameters, licence ${license.id}, sha256 ${sha256.slice(0, 12)}…`);
  return { python, model_folder, parent };
}
