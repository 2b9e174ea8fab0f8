/** The gate of a recipe as a text that is edited: opened, checked, and kept when it was changed. */
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { type LoadedGate, parseGate } from '../../compare/read-gate.js';
import type { Metric } from '../../protocol/metrics/metrics.js';
import type { ComparedRow } from '../../protocol/row.js';
import { homePrice } from '../../store/price.js';
import { readTextFile } from '../../store/read-yaml.js';
import { type LoadedRecipe, readRecipe } from '../../tune/read-recipe.js';
import { gateSentences } from '../compare/gate-sentences.js';
import { metricsOfMethod, missingGate, refuseOtherMetric } from '../compare/recipe-gate.js';
import { type CheckedText, problemsOf } from './checked-text.js';
import { refuseFileElsewhere } from './data-files.js';
import { keepRecipe } from './edit-recipe.js';
import { withValue } from './edit-yaml.js';
import { keepYaml } from './keep-yaml.js';

export interface OpenedGate {
  recipe: LoadedRecipe;
  file: string;
  text: string;
  /** Those that the method's model can be measured by. */
  metrics: Metric[];
}

/** @throws AppError recipe-invalid for a recipe that names none, path-forbidden, file-not-found, and those of recipes */
export function openGate(home: string, recipeFile: string, folders: string[]): OpenedGate {
  const recipe = readRecipe(recipeFile);
  const { gate, method } = recipe.recipe;
  if (!gate) throw missingGate(recipeFile);
  const file = resolve(recipe.folder, gate);
  refuseFileElsewhere('gate', file, [...folders, home]);
  return { recipe, file, text: readTextFile(file), metrics: metricsOfMethod(method) };
}

/** @throws AppError gate-invalid, path-forbidden for a function that lies elsewhere */
export function loadGateText(home: string, { recipe, file }: OpenedGate, text: string, folders: string[]): LoadedGate {
  const document = parseDocument(text);
  const named = document.errors.length === 0 ? document.getIn(['function', 'file']) : undefined;
  if (typeof named === 'string') refuseFileElsewhere('function.file', resolve(dirname(file), named), [...folders, home]);
  const loaded = parseGate(file, text, homePrice(home));
  refuseOtherMetric(recipe, loaded);
  return loaded;
}

/** Problems of the text, or the rule in sentences and what the test rows can show of it. */
export function checkGateText(
  home: string,
  { opened, text, test, folders }: { opened: OpenedGate; text: string; test: ComparedRow[]; folders: string[] },
): CheckedText {
  try {
    const { gate } = loadGateText(home, opened, text, folders);
    return { problems: [], facts: gateSentences(gate, test) };
  } catch (error) {
    return problemsOf(opened.file, error);
  }
}

/** The gate's file with this text: its own, or a new one. */
export function keepGate(home: string, { file }: OpenedGate, text: string): string {
  return keepYaml(home, { file, text, path_fields: [['function', 'file']], ending: '.gate.yaml' });
}

/** The recipe with that gate: its own file, or a new one. */
export function keepWithGate(home: string, { recipe, file }: OpenedGate, kept: string): string {
  return kept === file ? recipe.file : keepRecipe(home, recipe.file, withValue(recipe.text, 'gate', kept, true));
}
