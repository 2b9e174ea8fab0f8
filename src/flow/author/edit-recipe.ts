/** Recipes that a person can start from, checked as text, and kept when their text was changed. */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { splitWarnings } from '../../data/splits.js';
import { AppError } from '../../protocol/errors.js';
import { shellWord } from '../../protocol/shell-word.js';
import { count } from '../../protocol/units.js';
import { recipesFolder } from '../../store/home.js';
import { packageRoot } from '../../store/package.js';
import { readTextFile } from '../../store/read-yaml.js';
import { listRuns } from '../../store/runs.js';
import { probeMachine } from '../../tune/plan/machine.js';
import { type LoadedRecipe, parseRecipe } from '../../tune/read-recipe.js';
import { readApart } from '../rows/read-apart.js';
import { elsewhereError } from '../tune/find-model.js';
import { type CheckedText, problemsOf } from './checked-text.js';
import { refuseFileElsewhere } from './data-files.js';
import { keepYaml } from './keep-yaml.js';
import { type AskedTraining, forecastPlan, forecastText, machineProblem, sizedModel } from './trainable-models.js';

/** Fields that name a file relative to the recipe. */
const FILE_FIELDS = [['gate'], ['data', 'file'], ['data', 'train'], ['data', 'dev'], ['data', 'test'], ['data', 'test_file']];

/** Recipes in the folder the command runs in, those that came with Slipway, kept ones, and those of earlier runs; each path once. */
export function listRecipes(home: string): string[] {
  const shelves = [join(process.cwd(), 'recipes'), join(packageRoot(), 'recipes')].flatMap(withFolders);
  const found = [process.cwd(), ...shelves, recipesFolder(home)].flatMap((folder) => {
    const names = existsSync(folder) ? readdirSync(folder).filter((name) => /(?<!\.gate)\.ya?ml$/.test(name)) : [];
    return names.map((name) => join(folder, name)).filter(looksLikeRecipe);
  });
  const used = listRuns(home).flatMap(({ recipe_file }) => (existsSync(recipe_file) ? [recipe_file] : []));
  return [...new Set([...found, ...used].map((path) => resolve(path)))];
}

/** A shelf has a folder for each family. */
function withFolders(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const inner = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [folder, ...inner.map(({ name }) => join(folder, name))];
}

function looksLikeRecipe(path: string): boolean {
  try {
    const text = readTextFile(path);
    return /^model:/m.test(text) && /^method:/m.test(text);
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

/** The file itself when the text is its own; else a new file in <home>/recipes, whose paths still lead where they did. */
export function keepRecipe(home: string, file: string, text: string): string {
  return keepYaml(home, { file, text, path_fields: FILE_FIELDS, ending: '.yaml' });
}

export interface CheckedRecipe extends CheckedText {
  /** Null where it cannot be read as a recipe, or its rows cannot. */
  training: AskedTraining | null;
}

/**
 * Problems of a recipe's text and its rows that can be found without a model; nothing is written.
 * @param folders where the files that it names may lie, beside those of the home and of Slipway itself
 */
export async function checkRecipeText(home: string, file: string, text: string, folders: string[]): Promise<CheckedRecipe> {
  try {
    const loaded = parseRecipe(file, text);
    refuseFilesElsewhere(loaded, [...folders, home]);
    const training = { loaded, splits: await readApart('splits', loaded) };
    return { ...checkTraining(home, training), training };
  } catch (error) {
    return { ...problemsOf(file, error), training: null };
  }
}

/** What it would take here, and why it cannot be started. @throws AppError of settings */
function checkTraining(home: string, training: AskedTraining): CheckedText {
  const { loaded, splits } = training;
  const { recipe } = loaded;
  const { train, dev, test } = splits;
  const problem = elsewhereProblem(home, loaded);
  const sized = sizedModel(home, recipe.model);
  const plan = sized && forecastPlan(home, training, sized);
  const machine = plan && problem === null ? machineProblem(plan, probeMachine(home)) : null;
  const problems = [problem, machine].filter((one) => one !== null);
  const facts = [
    `${recipe.method} on ${recipe.model}`,
    ...(plan ? [`forecast: ${count(plan.forecast.num_steps)} steps, ${forecastText(plan)}`] : []),
    `${count(train.length)} train, ${count(dev.length)} dev, ${count(test.length)} test rows; no row of one is in another`,
    ...splitWarnings(splits),
    recipe.gate ? `gate: ${recipe.gate}` : 'no gate: it will be trained, and not judged',
  ];
  return { problems, facts };
}

/** Of a recipe for another machine, or whose weights are not here: what is needed, and the command. */
function elsewhereProblem(home: string, loaded: LoadedRecipe): string | null {
  const error = elsewhereError(home, loaded);
  const command = loaded.recipe.machine ? ` The command there: slipway tune ${shellWord(loaded.file)}` : '';
  return error && `${error.message} ${error.hint}${command}`;
}

/** A text that came from a browser may not read any file of this machine. @throws AppError path-forbidden */
function refuseFilesElsewhere({ recipe, folder }: LoadedRecipe, folders: string[]): void {
  for (const field of FILE_FIELDS) {
    const named = field.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], recipe);
    if (typeof named !== 'string' || named.startsWith('hub:')) continue;
    refuseFileElsewhere(field.join('.'), resolve(folder, named), folders);
  }
}
