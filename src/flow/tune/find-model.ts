/** A recipe's model: its folder, or what is known of it where its weights are not here. */
import { existsSync } from 'node:fs';
import { type KnownModel, knownModel } from '../../model/known-models.js';
import { AppError } from '../../protocol/errors.js';
import { gigabytes } from '../../protocol/units.js';
import { pinnedModel } from '../../run/weights/catalogue.js';
import { modelFiles, modelFolder } from '../../store/home.js';
import { type Machine, probeMachine } from '../../tune/plan/machine.js';
import type { LoadedRecipe } from '../../tune/read-recipe.js';
import type { Reporter } from '../reporter.js';

/** The model's known sizes when a recipe names one whose weights are neither here nor fetched by name; else null. */
export function modelElsewhere(home: string, name: string): KnownModel | null {
  if (existsSync(modelFiles(modelFolder(home, name)).record) || pinnedModel(name)) return null;
  return knownModel(name) ?? null;
}

/** Why a recipe cannot be trained here, which is known before anything is installed or fetched; null: nothing is known. */
export function elsewhereError(home: string, { recipe }: LoadedRecipe): AppError | null {
  const { machine, model } = recipe;
  const { gpus } = probeMachine(home);
  if (machine && gpus.length < machine.gpus)
    return new AppError('gpu-insufficient', { count: machine.gpus, needed: gigabytes(machine.gpu_memory_gb * 1e9), here: gpuText(gpus) });
  const known = modelElsewhere(home, model);
  return known && new AppError('weights-not-here', { model, license: known.license, hub: known.hub });
}

/**
 * The first line of a recipe that wants more than a laptop; then what is not here.
 * @throws AppError gpu-insufficient, weights-not-here
 */
export function refuseElsewhere(home: string, loaded: LoadedRecipe, reporter: Reporter): void {
  const { machine } = loaded.recipe;
  if (machine) {
    const needed = gigabytes(machine.gpu_memory_gb * 1e9);
    reporter.stage('machine', `needs ${machine.gpus} × ${needed} of GPU memory; here: ${gpuText(probeMachine(home).gpus)}`);
  }
  const error = elsewhereError(home, loaded);
  if (error) throw error;
}

function gpuText(gpus: Machine['gpus']): string {
  return gpus.length === 0 ? 'no GPU' : gpus.map((gpu) => `${gpu.name}, ${gigabytes(gpu.memory_bytes)}`).join('; ');
}
