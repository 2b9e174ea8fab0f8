/** The gate of a recipe as a text that is edited: opened, checked, and kept when it was changed. */
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { type LoadedGate, parseGate } from '../../compare/read-gate.js';
import { largestShownShare, leastLead, MIN_GROUPS } from '../../compare/verdict/bounds.js';
import { groupsOf } from '../../data/groups.js';
import type { Gate } from '../../protocol/gate.js';
import { guardrailSentences, shipSentence } from '../../protocol/gate-words.js';
import { type Metric, metricModule } from '../../protocol/metrics/metrics.js';
import type { ComparedRow } from '../../protocol/row.js';
import { count } from '../../protocol/units.js';
import { homePrice } from '../../store/price.js';
import { readTextFile } from '../../store/read-yaml.js';
import { type LoadedRecipe, readRecipe } from '../../tune/read-recipe.js';
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
    return { problems: [], facts: [shipSentence(gate), ...guardrailSentences(gate), ...reachOf(gate, test)] };
  } catch (error) {
    return problemsOf(opened.file, error);
  }
}

/** What so many groups of test rows can show at all. */
function reachOf(gate: Gate, test: ComparedRow[]): string[] {
  const groups = groupsOf(test).length;
  const rows = `${count(test.length)} test rows in ${count(groups)} groups`;
  const alpha = 0.05 / gate.looks;
  if (groups < MIN_GROUPS) return [`${rows}: a verdict needs at least ${MIN_GROUPS} groups, with fewer it is hold`];
  const { range, amount, never_ships } = metricModule(gate.metric);
  if (never_ships || !range) return [rows];
  const lead = leastLead(groups, gate.margin, alpha);
  const valid = gate.guardrails.valid_json ?? 0;
  const shown = largestShownShare(groups, alpha);
  return [
    lead === null
      ? `${rows}: too few for this margin, no lead can ship`
      : `${rows}: a lead below ${amount(lead)} cannot ship, a larger one may`,
    ...(valid > shown
      ? [`with ${count(groups)} groups at most ${Math.floor(shown * 100)} % of valid JSON can be shown: the guardrail stays open`]
      : []),
  ];
}

/** The gate's file with this text: its own, or a new one. */
export function keepGate(home: string, { file }: OpenedGate, text: string): string {
  return keepYaml(home, { file, text, path_fields: [['function', 'file']], ending: '.gate.yaml' });
}

/** The recipe with that gate: its own file, or a new one. */
export function keepWithGate(home: string, { recipe, file }: OpenedGate, kept: string): string {
  return kept === file ? recipe.file : keepRecipe(home, recipe.file, withValue(recipe.text, 'gate', kept));
}
