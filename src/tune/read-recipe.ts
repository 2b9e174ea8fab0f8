/** Reading a recipe, with what the command line sets. */
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { AppError, counted, problemLines } from '../protocol/errors.js';
import { METHODS, type Method } from '../protocol/methods/methods.js';
import { settingsOf } from '../protocol/methods/settings-table.js';
import { Recipe } from '../protocol/recipe.js';
import { sha256Text } from '../store/hash.js';
import { nearestName, parseYaml, readTextFile } from '../store/read-yaml.js';

/** What `--set` sets: values by path in the recipe, such as `lora.r`. */
export type CommandLine = Record<string, unknown>;

export interface LoadedRecipe {
  file: string;
  folder: string;
  text: string;
  sha256: string;
  /** The file and the command line together. */
  recipe: Recipe;
  command_line: CommandLine;
}

/** @throws AppError recipe-invalid with all problems, option-invalid for a bad `--set` */
export function readRecipe(file: string, commandLine: CommandLine = {}): LoadedRecipe {
  const path = resolve(file);
  return parseRecipe(path, readTextFile(path), commandLine);
}

/** As `readRecipe`, for a text instead of the file. @throws AppError recipe-invalid, option-invalid */
export function parseRecipe(path: string, text: string, commandLine: CommandLine = {}): LoadedRecipe {
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
 * `['lora.r=8', 'learning_rate=1e-4']` as values by path; a value is written as in YAML.
 * @throws AppError option-invalid for what is no assignment
 */
export function parseAssignments(assignments: string[]): CommandLine {
  return Object.fromEntries(
    assignments.map((assignment) => {
      const [, path, text] = /^([\w.]+)=(.*)$/.exec(assignment) ?? [];
      if (!path || text === undefined) throw invalid(assignment, 'write it as name=value, such as lora.r=8');
      // YAML 1.2 has 1e-3 as a number only with a dot; people write it without one.
      return [path, /^-?\d+(\.\d+)?e-?\d+$/i.test(text) ? Number(text) : (parse(text) as unknown)];
    }),
  );
}

/** The recipe with the command line's values in it. What cannot be read as a recipe is left for the schema to name. */
function merge(value: unknown, commandLine: CommandLine): unknown {
  if (value === null || typeof value !== 'object') return value;
  const asked = value as Record<string, unknown>;
  if (!(String(asked.method) in METHODS)) return value;
  refuseUnknown(asked.method as Method, commandLine);
  const merged = { ...asked };
  for (const [path, set] of Object.entries(commandLine)) {
    const [outer, inner] = path.split('.') as [string, string?];
    merged[outer] = inner ? { ...(merged[outer] as object | undefined), [inner]: set } : set;
  }
  return merged;
}

/** @throws AppError option-invalid naming the setting, and the nearest known one */
function refuseUnknown(method: Method, commandLine: CommandLine): void {
  const known = settingsOf(METHODS[method].settings);
  for (const [path, value] of Object.entries(commandLine)) {
    const entry = known.find((one) => one.path === path);
    if (!entry) {
      const nearest = nearestName(
        path,
        known.map((one) => one.path),
      );
      const all = known.map((one) => one.path).join(', ');
      throw invalid(path, `unknown setting${nearest ? `, did you mean ${nearest}?` : ''} The settings are: ${all}`);
    }
    const parsed = entry.setting.schema.safeParse(value);
    if (!parsed.success) throw invalid(path, z.prettifyError(parsed.error).replace(/^✖ /, '').split('\n')[0] ?? '');
  }
}

function invalid(option: string, problem: string): AppError {
  return new AppError('option-invalid', { option: `--set ${option}`, problem, command: 'tune' });
}
