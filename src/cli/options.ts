/** Options that several commands share, parsed at the edge. */
import type { z } from 'zod';
import type { FileReading } from '../data/read-rows.js';
import { AppError } from '../protocol/errors.js';
import { Columns, Delimiter, FileEncoding } from '../protocol/recipe.js';
import { shellWord } from '../protocol/shell-word.js';
import { type LoadedRecipe, parseAssignments, readRecipe } from '../tune/read-recipe.js';

export interface RecipeOptions {
  set: string[];
  seed?: string;
  offline?: boolean;
  json?: boolean;
}

/** The options of a recipe as words of a command line, for a command to run next. */
export function givenOptions({ set, seed, offline }: RecipeOptions): string {
  const words = [
    ...set.flatMap((one) => ['--set', one]),
    ...(seed === undefined ? [] : ['--seed', seed]),
    ...(offline ? ['--offline'] : []),
  ];
  return words.map((word) => ` ${shellWord(word)}`).join('');
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

/** How a file of rows is read, as commander gives it. */
export interface RowOptions {
  prompt?: string;
  completion?: string;
  system?: string;
  messages?: string;
  encoding?: string;
  delimiter?: string;
}

/** Options of a data file where none is read: they would be ignored. @throws AppError option-invalid */
export function refuseOfDataFile(options: RowOptions & { writeClean?: string }, command: string, problem: string): void {
  const { prompt, completion, system, messages, encoding, delimiter, writeClean } = options;
  const given = Object.entries({ prompt, completion, system, messages, encoding, delimiter, 'write-clean': writeClean });
  const [name] = given.find(([, value]) => value !== undefined) ?? [];
  if (name) throw new AppError('option-invalid', { option: `--${name}`, problem, command });
}

/** @throws AppError option-invalid */
export function fileReading(options: RowOptions, command: string): FileReading {
  const { prompt, completion, system, messages } = options;
  const said = Object.entries({ prompt, completion, system, messages }).flatMap(([part, source]) =>
    // In a shell a line break is written as two characters.
    source === undefined ? [] : [[part, source.replaceAll('\\n', '\n')]],
  );
  const parse = <T>(option: string, schema: z.ZodType<T>, value: unknown): T => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw new AppError('option-invalid', { option, problem: parsed.error.issues.map(({ message }) => message).join('; '), command });
  };
  const columns = said.length > 0 ? parse('--prompt, --completion, --messages', Columns, Object.fromEntries(said)) : undefined;
  const encoding = parse('--encoding', FileEncoding.optional(), options.encoding);
  const delimiter = parse('--delimiter', Delimiter.optional(), /^(tab|\\t)$/.test(options.delimiter ?? '') ? '\t' : options.delimiter);
  return { columns, encoding, delimiter };
}
