/** Drawing test rows that nothing was measured on, from a person's own file. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { promptKey } from '../src/data/row-keys.js';
import { rowLines, type Splits } from '../src/data/splits.js';
import { freshTest } from '../src/flow/compare/fresh-test.js';
import type { Row } from '../src/protocol/row.js';
import { openedRows } from '../src/store/ledger.js';
import { recipeSplits } from '../src/tune/prepare.js';
import { readRecipe } from '../src/tune/read-recipe.js';
import { failure } from './support/failure.js';
import { temporaryFolder } from './support/home.js';
import { measuredComparison } from './support/measured-comparison.js';

const words = ['pump', 'valve', 'crane', 'mixer', 'press', 'boiler', 'belt', 'drill', 'fan', 'lathe'];
const spelt = (n: number) => [...String(n)].map((digit) => words[Number(digit)]).join(' ');
/** Different in more than digits. */
const rowsOf = (from: number, to: number): Row[] =>
  Array.from({ length: to - from }, (_, i) => ({
    messages: [
      { role: 'user', content: `What is wrong with the ${spelt(from + i)}?` },
      { role: 'assistant', content: 'yes' },
    ],
  }));

function recipeIn(data: string) {
  const home = temporaryFolder('fresh-home');
  process.env.SLIPWAY_HOME = home;
  const folder = temporaryFolder('fresh');
  const recipe = join(folder, 'mine.yaml');
  writeFileSync(recipe, `# Mine.\nmodel: m\nmethod: sft\ndata: ${data}\n`);
  const draw = (numRows: number | null = null) => freshTest(home, readRecipe(recipe), numRows);
  const splits = () => recipeSplits(readRecipe(recipe)) as Promise<Splits<Row>>;
  const judge = async () => measuredComparison(home, { rows: (await splits()).test, adapter: 'x', isRight: () => true });
  return { home, folder, recipe, draw, splits, judge };
}

test('unused rows of a file that is split by hash; what was test is used for nothing more', async () => {
  const { home, folder, recipe, draw, splits, judge } = recipeIn('{file: rows.jsonl, dev: 0.1, test: 0.4}');
  const file = join(folder, 'rows.jsonl');
  writeFileSync(file, rowLines(rowsOf(0, 200)));
  const first = (await splits()).test;
  expect(await draw()).toMatchObject({ is_drawn: false, num_rows: first.length });
  await judge();
  expect(await failure(() => draw())).toMatchObject({ code: 'test-rows-used-up', data: { what: 'rows.jsonl' } });

  appendFileSync(file, rowLines(rowsOf(200, 400)));
  const drawn = await draw(30);
  expect(drawn).toMatchObject({ is_drawn: true, num_rows: 30, num_groups: 30, file: join(folder, 'mine.test-2.jsonl') });
  expect(drawn.num_left).toBeGreaterThan(20);
  expect(readFileSync(recipe, 'utf8')).toBe(
    '# Mine.\nmodel: m\nmethod: sft\ndata: {file: rows.jsonl, dev: 0.1, test: 0.4, test_file: mine.test-2.jsonl}\n'
      .replace('{file', '{ file')
      .replace('jsonl}', 'jsonl }'),
  );
  const { train, dev, test: fresh } = await splits();
  const opened = openedRows(home);
  for (const rows of [train, dev, fresh]) expect(rows.filter((row) => opened.has(promptKey(row)))).toEqual([]);
  const firstKeys = new Set(first.map(promptKey));
  expect([...train, ...dev].filter((row) => firstKeys.has(promptKey(row)))).toEqual([]);

  await judge();
  expect(await draw()).toMatchObject({ is_drawn: true, num_rows: drawn.num_left, num_left: 0, file: join(folder, 'mine.test-3.jsonl') });
});

test('unused rows of a test file', async () => {
  const { folder, draw, splits, judge } = recipeIn('{train: train.jsonl, test: test.jsonl}');
  writeFileSync(join(folder, 'train.jsonl'), rowLines(rowsOf(0, 20)));
  writeFileSync(join(folder, 'test.jsonl'), rowLines(rowsOf(20, 40)));
  await judge();
  appendFileSync(join(folder, 'test.jsonl'), rowLines(rowsOf(40, 55)));
  expect(await draw()).toMatchObject({ is_drawn: true, num_rows: 15, num_left: 0 });
  expect((await splits()).test.map(({ messages }) => messages)).toEqual(rowsOf(40, 55).map(({ messages }) => messages));
  expect((await splits()).train).toHaveLength(20);
});

test('a generator makes as many as are asked for', async () => {
  const { draw, splits, judge } = recipeIn('{sample: incident-reports, train: 20, dev: 5, test: 12}');
  const before = await splits();
  await judge();
  expect(await draw()).toMatchObject({ is_drawn: true, num_rows: 12, num_left: null, file: null });
  const after = await splits();
  expect([after.train, after.dev]).toEqual([before.train, before.dev]);
  expect(after.test).not.toEqual(before.test);
});
