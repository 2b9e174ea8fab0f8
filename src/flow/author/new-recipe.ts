/** The recipe and the gate that are written for a data file. */
import { existsSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import type { FileReading } from '../../data/read-rows.js';
import { AppError } from '../../protocol/errors.js';
import type { Method } from '../../protocol/methods/methods.js';
import { writeWhole } from '../../store/files.js';
import { readApart } from '../rows/read-apart.js';
import type { DatasetProfile } from './dataset-profile.js';
import { gateText, recipeText } from './recipe-texts.js';

export interface NewOptions extends FileReading {
  /** A column, or false: rows are independent. Undefined: refused when a column of ids repeats. */
  group?: string | false | undefined;
  name?: string | undefined;
  model: string;
  force: boolean;
  /** Keys of prompts that were opened as test rows before: they stay in test. */
  were_test?: ReadonlySet<string>;
  /** Into the recipe: rows of two splits may differ in digits or punctuation alone. */
  allow_near_duplicates?: boolean;
  /** What is made of the rows; undefined: what they are for as a rule. */
  method?: Method | undefined;
}

/** Writes NAME.yaml and NAME.gate.yaml beside each other. @throws AppError group-unsaid, file-exists, and those of rows */
export async function newRecipe(file: string, options: NewOptions): Promise<{ profile: DatasetProfile; recipe: string; gate: string }> {
  const { group, were_test, columns, encoding, delimiter, method } = options;
  const profile = await readApart('profile', { file, group, were_test, columns, encoding, delimiter, method });
  const name = options.name ?? basename(file).replace(/\.(jsonl?|ndjson|csv|tsv|parquet)(\.gz)?$/i, '');
  const [recipe, gate] = [resolve(`${name}.yaml`), resolve(`${name}.gate.yaml`)];
  for (const path of options.force ? [] : [recipe, gate]) if (existsSync(path)) throw new AppError('file-exists', { file: path });
  const fromRecipe = relative(dirname(recipe), resolve(profile.file)) || profile.file;
  writeWhole(
    recipe,
    recipeText(profile, {
      file: fromRecipe,
      gate: basename(gate),
      model: options.model,
      allows_near_duplicates: options.allow_near_duplicates === true,
    }),
  );
  writeWhole(gate, gateText(profile));
  return { profile, recipe, gate };
}
