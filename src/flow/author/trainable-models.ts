/** Which models a recipe could train here, each with the memory and time that its rows would take. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Splits } from '../../data/splits.js';
import { KNOWN_MODELS, type KnownModel, knownModel } from '../../model/known-models.js';
import { AppError } from '../../protocol/errors.js';
import type { Choice, FormField } from '../../protocol/form-field.js';
import type { Plan } from '../../protocol/plan.js';
import { duration, gigabytes } from '../../protocol/units.js';
import { PINNED_MODELS } from '../../run/weights/catalogue.js';
import { listModels } from '../../run/weights/resolve-model.js';
import { readJson } from '../../store/files.js';
import { modelFiles, modelFolder } from '../../store/home.js';
import { type Machine, probeMachine } from '../../tune/plan/machine.js';
import { refuseMachine } from '../../tune/plan/refuse.js';
import { planWithoutWeights } from '../../tune/prepare.js';
import type { LoadedRecipe } from '../../tune/read-recipe.js';
import { modelElsewhere } from '../tune/find-model.js';

const CAN = 'This machine can train';
const WITHOUT_WEIGHTS = 'Its weights are not here: slipway pull FOLDER';
const WITH_OTHER_SETTINGS = 'With other settings';
const CANNOT = 'Needs another machine';
const GROUPS = [CAN, WITHOUT_WEIGHTS, WITH_OTHER_SETTINGS, CANNOT];

/** A recipe, or one that is not written yet, with its rows. */
export interface AskedTraining {
  loaded: LoadedRecipe;
  splits: Splits;
}

/** Those that this machine can train first; without rows nothing is known but their names. */
export function modelChoices(home: string, asked: AskedTraining | null): Choice[] {
  const ids = [...new Set([...PINNED_MODELS, ...listModels(home), ...KNOWN_MODELS].map(({ id }) => id))];
  if (!asked) return ids.map((id) => ({ value: id, text: id, meaning: '' }));
  const machine = probeMachine(home);
  const choices = ids.map((id) => choiceOf(home, id, asked, machine));
  return choices.sort((a, b) => GROUPS.indexOf(a.group ?? '') - GROUPS.indexOf(b.group ?? ''));
}

export function modelField(home: string, value: string, asked: AskedTraining | null): FormField {
  const help = 'Those that this machine can train stand first, each with the memory and the time that these rows take.';
  return { path: 'model', label: 'Base model', value, help, placeholder: '', choices: modelChoices(home, asked), is_first: true };
}

function choiceOf(home: string, id: string, { loaded, splits }: AskedTraining, machine: Machine): Choice {
  const choice = (group: string, note: string): Choice => ({ value: id, text: `${id}: ${note}`, meaning: '', group });
  const sized = sizedModel(home, id);
  if (!sized) return { value: id, text: id, meaning: '', group: CAN };
  try {
    const plan = forecastPlan(home, { loaded: { ...loaded, recipe: { ...loaded.recipe, model: id } }, splits }, sized);
    const problem = machineProblem(plan, machine);
    if (problem !== null) return choice(CANNOT, `${gigabytes(plan.forecast.memory_bytes)} of memory`);
    return choice(modelElsewhere(home, id) ? WITHOUT_WEIGHTS : CAN, forecastText(plan));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return choice(WITH_OTHER_SETTINGS, error.message);
  }
}

/** What is trained is exact, tokens are estimated from the rows' characters. @throws AppError of settings */
export function forecastPlan(home: string, { loaded, splits }: AskedTraining, known: Pick<KnownModel, 'id' | 'config'>): Plan {
  return planWithoutWeights(loaded, splits, { known, home, gate_sha256: null });
}

export function forecastText({ forecast: { duration_s, memory_bytes } }: Plan): string {
  const time = duration_s === null ? 'time on a GPU not measured' : `about ${duration(duration_s)}`;
  return `${time}, ${gigabytes(memory_bytes)} of memory`;
}

/** Why this machine cannot train it; null: it can. */
export function machineProblem(plan: Plan, machine: Machine): string | null {
  try {
    refuseMachine(plan, machine);
    return null;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return `${error.message} ${error.hint}`;
  }
}

/** The sizes of a model that is known, or was imported; null for one of which only a run is here. */
export function sizedModel(home: string, id: string): Pick<KnownModel, 'id' | 'config'> | null {
  const known = knownModel(id);
  if (known) return known;
  const config = join(modelFiles(modelFolder(home, id)).transformers, 'config.json');
  return existsSync(config) ? { id, config: readJson(config, Config) } : null;
}

const Config = z.looseObject({ model_type: z.string() });
