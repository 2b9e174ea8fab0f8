/** Recipes that a person can start from, checked as text, and kept when their text was changed. */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Splits, splitWarnings } from '../../data/splits.js';
import { knownModel } from '../../model/known-models.js';
import { AppError } from '../../protocol/errors.js';
import { shellWord } from '../../protocol/shell-word.js';
import { count, duration, gigabytes } from '../../protocol/units.js';
import { recipesFolder } from '../../store/home.js';
import { packageRoot } from '../../store/package.js';
import { readTextFile } from '../../store/read-yaml.js';
import { listRuns } from '../../store/runs.js';
import { planWithoutWeights } from '../../tune/prepare.js';
import { type LoadedRecipe, parseRecipe } from '../../tune/read-recipe.js';
import { readApart } from '../rows/read-apart.js';
import { type CheckedText, problemsOf } from './checked-text.js';
import { refuseFileElsewhere } from './data-files.js';
import { keepYaml } from './keep-yaml.js';

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

/**
 * Problems of a recipe's text and its rows that can be found without a model; nothing is written.
 * @param folders where the files that it names may lie, beside those of the home and of Slipway itself
 */
export async function checkRecipeText(home: string, file: string, text: string, folders: string[]): Promise<CheckedText> {
  try {
    const loaded = parseRecipe(file, text);
    refuseFilesElsewhere(loaded, [...folders, home]);
    const splits = await readApart('splits', loaded);
    const { train, dev, test } = splits;
    const { machine } = loaded.recipe;
    const facts = [
      ...(machine
        ? [`needs ${machine.gpus} × ${machine.gpu_memory_gb} GB of GPU memory; start it there: slipway tune ${shellWord(file)}`]
        : []),
      `${loaded.recipe.method} on ${loaded.recipe.model}`,
      ...forecastFacts(home, loaded, splits),
      `${count(train.length)} train, ${count(dev.length)} dev, ${count(test.length)} test rows; no row of one is in another`,
      ...splitWarnings(splits),
      loaded.recipe.gate ? `gate: ${loaded.recipe.gate}` : 'no gate: it will be trained, and not judged',
    ];
    return { problems: [], facts };
  } catch (error) {
    return problemsOf(file, error);
  }
}

/** Steps, time and memory, for a model whose sizes are known; tokens are estimated from the rows' characters. */
function forecastFacts(home: string, loaded: LoadedRecipe, splits: Splits): string[] {
  const known = knownModel(loaded.recipe.model);
  if (!known) return [];
  const { num_steps, duration_s, memory_bytes } = planWithoutWeights(loaded, splits, {
    known,
    home,
    gate_sha256: null,
  }).forecast;
  const time = duration_s === null ? 'time on a GPU not measured' : `about ${duration(duration_s)}`;
  return [`forecast: ${count(num_steps)} steps, ${time}, ${gigabytes(memory_bytes)} of memory`];
}

/** A text that came from a browser may not read any file of this machine. @throws AppError path-forbidden */
function refuseFilesElsewhere({ recipe, folder }: LoadedRecipe, folders: string[]): void {
  for (const field of FILE_FIELDS) {
    const named = field.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], recipe);
    if (typeof named !== 'string' || named.startsWith('hub:')) continue;
    refuseFileElsewhere(field.join('.'), resolve(folder, named), folders);
  }
}
