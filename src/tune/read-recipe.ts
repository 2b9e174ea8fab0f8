/** Reading a recipe, with what the command line sets. */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { AppError, counted, problemLines } from '../protocol/errors.js';
import { Recipe, RecipeSettings } from '../protocol/recipe.js';
import { sha256Text } from '../store/hash.js';
import { nearestName, parseYaml } from '../store/read-yaml.js';

export interface LoadedRecipe {
  file: string;
  folder: string;
  text: string;
  sha256: string;
  /** The file and the command line together. */
  recipe: Recipe;
  command_line: RecipeSettings;
}

/** @throws AppError recipe-invalid with all problems, option-invalid for a bad `--set` */
export function readRecipe(file: string, commandLine: RecipeSettings = {}): LoadedRecipe {
  const path = resolve(file);
  if (!existsSync(path)) throw new AppError('file-not-found', { file: path, folder: dirname(path) });
  return parseRecipe(path, readFileSync(path, 'utf8'), commandLine);
}

/** As `readRecipe`, for a text that stands in for the file. @throws AppError recipe-invalid */
export function parseRecipe(path: string, text: string, commandLine: RecipeSettings = {}): LoadedRecipe {
  const result = parseYaml(path, text, Recipe, (value) => merge(value, commandLine));
  if (!result.value) {
    throw new AppError('recipe-invalid', {
      file: path,
      count: counted(result.problems.length, 'problem'),
      problems: problemLines(result.problems),
    });
  }
  return { file: path, folder: dirname(path), text, sha256: sha256Text(text), recipe: result.value, command_line: commandLine };
}

/**
 * `['lora.r=8', 'learning_rate=1e-4']` as settings; values are YAML scalars.
 * @throws AppError option-invalid naming the setting and the nearest known one
 */
export function parseSettings(assignments: string[]): RecipeSettings {
  const settings: Record<string, unknown> = {};
  for (const assignment of assignments) {
    const [, name, text] = /^([\w.]+)=(.*)$/.exec(assignment) ?? [];
    if (!name || text === undefined) throw invalid(assignment, 'write it as name=value, such as lora.r=8');
    const [outer, inner] = name.split('.') as [string, string?];
    // YAML 1.2 has 1e-3 as a number only with a dot; people write it without one.
    const value = /^-?\d+(\.\d+)?e-?\d+$/i.test(text) ? Number(text) : (parse(text) as unknown);
    if (inner) settings[outer] = { ...(settings[outer] as object | undefined), [inner]: value };
    else settings[outer] = value;
  }
  const parsed = RecipeSettings.safeParse(settings);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const names = [
    ...Object.keys(RecipeSettings.shape),
    'lora.r',
    'lora.alpha',
    'lora.dropout',
    'lora.target_modules',
    'lora.target_parameters',
    'lora.use_rslora',
  ];
  if (issue?.code === 'unrecognized_keys') {
    const asked = [...issue.path, issue.keys[0]].join('.');
    const nearest = nearestName(asked, names);
    throw invalid(asked, `unknown setting${nearest ? `, did you mean ${nearest}?` : ''}`);
  }
  throw invalid(issue?.path.join('.') ?? '', issue?.message ?? 'not a setting');
}

function invalid(option: string, problem: string): AppError {
  return new AppError('option-invalid', { option: `--set ${option}`, problem, command: 'tune' });
}

function merge(value: unknown, settings: RecipeSettings): unknown {
  if (value === null || typeof value !== 'object') return value;
  const asked = value as Record<string, unknown>;
  const lora = settings.lora ? { lora: { ...(asked.lora as object | undefined), ...settings.lora } } : {};
  return { ...asked, ...settings, ...lora };
}
