/** Options that several commands share, parsed at the edge. */
import type { Encoding } from '../data/encodings.js';
import { AppError } from '../protocol/errors.js';
import { FileEncoding } from '../protocol/recipe.js';
import { type LoadedRecipe, parseAssignments, readRecipe } from '../tune/read-recipe.js';

export interface RecipeOptions {
  set: string[];
  seed?: string;
  offline?: boolean;
  json?: boolean;
}

export function recipeFrom(file: string, options: RecipeOptions): LoadedRecipe {
  const assignments = [...options.set, ...(options.seed === undefined ? [] : [`seed=${options.seed}`])];
  return readRecipe(file, parseAssignments(assignments));
}

/** @throws AppError option-invalid */
export function wholeNumber(option: string, text: string, least: number, command: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new AppError('option-invalid', { option, problem: `${text} is not a whole number of at least ${least}`, command });
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** What a list passes over: it is no part of the list, so that it can be piped. */
export function noteUnreadable(ids: string[]): void {
  if (ids.length > 0) process.stderr.write(`Not listed (damaged, or of another version of Slipway): ${ids.join(', ')}\n`);
}

/** @throws AppError option-invalid */
export function encodingOf(text: string | undefined, command: string): Encoding | undefined {
  if (text === undefined) return undefined;
  const parsed = FileEncoding.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new AppError('option-invalid', { option: '--encoding', problem: `${text} is none of ${FileEncoding.options.join(', ')}`, command });
}
