/** New test rows for a recipe whose rows were judged on: from its generator, or from rows that nothing was measured on. */
import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { MIN_GROUPS } from '../../compare/verdict/bounds.js';
import { promptKey } from '../../data/row-keys.js';
import { rowLines } from '../../data/splits.js';
import { AppError } from '../../protocol/errors.js';
import { DEFAULT_SEED } from '../../protocol/methods/shared-settings.js';
import type { RecipeData } from '../../protocol/recipe.js';
import type { AnyRow } from '../../protocol/row.js';
import { writeWhole } from '../../store/files.js';
import { openedRows } from '../../store/ledger.js';
import type { LoadedRecipe } from '../../tune/read-recipe.js';
import { readApart } from '../rows/read-apart.js';

export interface FreshTest {
  /** False: the rows that the recipe has were not judged on yet, and nothing was written. */
  is_drawn: boolean;
  num_rows: number;
  num_groups: number;
  /** Fewer make every verdict *hold*. */
  min_groups: number;
  /** Unused ones after this; null: a generator makes as many as are asked for. */
  num_left: number | null;
  /** Where the rows were written; null for a generator, whose seed is in the recipe. */
  file: string | null;
}

/**
 * @param numRows how many are drawn; all that are unused where it is not given
 * @throws AppError test-rows-used-up, option-invalid, and those of recipes and rows
 */
export async function freshTest(home: string, loaded: LoadedRecipe, numRows: number | null): Promise<FreshTest> {
  const opened = openedRows(home);
  const isUnused = (row: AnyRow) => !opened.has(promptKey(row));
  const { test } = await readApart('splits', loaded);
  if (test.length > 0 && test.every(isUnused)) return { is_drawn: false, ...counts(test), num_left: 0, file: null };
  const { data } = loaded.recipe;
  if ('sample' in data) return await drawFromGenerator(loaded, data, isUnused);
  const pool = (await readApart('splits', withData(loaded, wholeTest(data)))).test.filter(isUnused);
  const source = 'file' in data ? data.file : (data.test ?? 'test');
  if (pool.length === 0) throw new AppError('test-rows-used-up', { count: `${test.length} test rows`, what: source, recipe: loaded.file });
  const drawn = pool.slice(0, numRows ?? pool.length);
  const file = freeName(loaded.file);
  writeWhole(file, rowLines(drawn));
  writeData(loaded, 'test_file', basename(file));
  return { is_drawn: true, ...counts(drawn), num_left: pool.length - drawn.length, file };
}

async function drawFromGenerator(
  loaded: LoadedRecipe,
  data: Extract<RecipeData, { sample: string }>,
  isUnused: (row: AnyRow) => boolean,
): Promise<FreshTest> {
  for (let test_seed = (data.test_seed ?? loaded.recipe.seed ?? DEFAULT_SEED) + 1; ; test_seed++) {
    const { test } = await readApart('splits', withData(loaded, { ...data, test_seed }));
    if (!test.every(isUnused)) continue;
    writeData(loaded, 'test_seed', test_seed);
    return { is_drawn: true, ...counts(test), num_left: null, file: null };
  }
}

/** The share of the rows that the split gives, whatever was drawn from it before. */
function wholeTest(data: RecipeData): RecipeData {
  if ('sample' in data) return data;
  const { test_file: _drawn, ...whole } = data;
  return whole;
}

function withData(loaded: LoadedRecipe, data: RecipeData): LoadedRecipe {
  return { ...loaded, recipe: { ...loaded.recipe, data } };
}

/** In the recipe's own text, so that its comments stay. */
function writeData({ file, text }: LoadedRecipe, key: string, value: string | number): void {
  const document = parseDocument(text);
  document.setIn(['data', key], value);
  writeWhole(file, document.toString({ lineWidth: 0 }));
}

function freeName(recipe: string): string {
  const stem = basename(recipe).replace(/\.ya?ml$/, '');
  for (let number = 2; ; number++) {
    const file = resolve(join(dirname(recipe), `${stem}.test-${number}.jsonl`));
    if (!existsSync(file)) return file;
  }
}

function counts(rows: AnyRow[]): Pick<FreshTest, 'num_rows' | 'num_groups' | 'min_groups'> {
  return { num_rows: rows.length, num_groups: new Set(rows.map(({ group }) => group)).size, min_groups: MIN_GROUPS };
}
