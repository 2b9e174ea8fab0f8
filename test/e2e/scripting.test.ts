/** Commands as scripts use them: exit codes, one JSON document, errors that name what is wrong, and commands that can be copied. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../src/protocol/errors.js';
import { fixtureHome } from '../support/fixture-home.js';
import { temporaryFolder, testHome, testModel } from '../support/home.js';
import { outcomeOf, slipwayProgram, spawnSlipway } from '../support/slipway.js';
import { shortRecipe } from './short-recipe.js';

const { home, runs, comparisons } = fixtureHome();
const [shipped, held] = [comparisons.ship, comparisons.hold].map((made) => basename(made)) as [string, string];
const folder = temporaryFolder('scripting');
writeFileSync(join(folder, 'rows.jsonl'), '{"prompt": "Q", "completion": "A"}\n');
writeFileSync(join(folder, 'bad.jsonl'), '{"prompt": "Q", "completion": ""}\n');
writeFileSync(join(folder, 'bad.yaml'), 'model: 5\n');
const run = (...commandLine: string[]) =>
  outcomeOf([...slipwayProgram, ...commandLine], { cwd: folder, env: { ...process.env, SLIPWAY_HOME: home, NO_COLOR: '1' } });

test.each<[string, number]>([
  ['runs', 0],
  ['comparisons', 0],
  ['models', 0],
  [`show ${runs.stopped}`, 0],
  [`show ${shipped}`, 0],
  [`show ${held}`, 0],
  ['show nosuch', 3],
  ['show tickets', 2],
  [`stop ${runs.stopped}`, 6],
  ['stop nosuch', 3],
  [`resume ${shipped}`, 6],
  ['resume nosuch', 3],
  [`verify ${shipped}`, 0],
  ['verify nosuch', 3],
  ['approve nosuch --as A', 3],
  ['rm nosuch', 3],
  [`rm ${runs.failed}`, 2],
  ['check rows.jsonl', 0],
  ['check bad.jsonl', 2],
  ['check bad.jsonl --write-clean clean.jsonl', 0],
  ['check bad.jsonl --write-clean clean.jsonl', 2],
  ['check bad.yaml', 2],
  ['check bad.yaml --prompt a', 2],
  ['compare a b --delimiter tab', 2],
  ['plan bad.yaml', 2],
  ['go bad.yaml', 2],
  ['tune bad.yaml', 2],
  ['new nosuch.jsonl', 3],
  ['new rows.jsonl --prompt prompt', 2],
  ['new rows.jsonl', 0],
  ['compare nosuch nosuch2', 3],
  ['serve nosuch', 3],
  ['chat nosuch --ask Hello', 3],
  ['chat', 2],
  ['pull nosuch', 3],
  ['fresh-test nosuch.yaml', 3],
  ['go', 2],
  ['go rows.yaml --nonsense', 2],
  ['go rows.yaml --set nonsense=1', 2],
  ['nonsense', 2],
])('%s --json writes one document, and ends with %i', async (commandLine, expected) => {
  const { code, stdout } = await run(...commandLine.split(' '), '--json');
  const document = JSON.parse(stdout) as { error?: { code: string } | null };
  expect([code, Boolean(document.error)]).toEqual([expected, expected !== 0]);
});

describe('errors name what is wrong', () => {
  test.each<[string, RegExp]>([
    ['compare nosuch smollm2-135m-instruct', /model-not-found.*There is no model nosuch/],
    ['compare smollm2-135m-instruct nosuch', /model-not-here.*smollm2-135m-instruct is not on this machine yet/],
    ['show nosuch', /job-not-found.*no run and no comparison nosuch/],
    ['show tickets', /id-ambiguous.*tickets is the beginning of 4 ids: tickets-2026/],
    [`stop ${runs.failed}`, /not-running.*is failed: there is nothing to stop/],
    ['check rows.yaml --write-clean c.jsonl', /--write-clean: is of a data file; a recipe says it itself/],
    ['go rows.yaml --set lora.rr=4', /unknown setting, did you mean lora\.r\? The settings are: .*learning_rate.*lora\.r/],
  ])('%s', async (commandLine, expected) => {
    const { stderr } = await run(...commandLine.split(' '));
    expect(stderr.replaceAll('\n', ' ')).toMatch(expected);
  });

  test('a comparison is shown by its verdict', async () => {
    const { stdout } = await run('show', shipped);
    expect(stdout).toMatch(/SHIP {2}/);
  });
});

test('a command in an error can be copied, whatever its words are', () => {
  const file = "/data/help desk's.csv";
  const { hint } = new AppError('data-format-unknown', { file, columns: 'a', options: ['--prompt', '{a}\\n{b}', '--completion', 'c d'] });
  expect(hint).toContain("`slipway new '/data/help desk'\\''s.csv' --prompt '{a}\\n{b}' --completion 'c d'`");
  // What is to be written into a recipe is no command.
  expect(new AppError('experts-frozen', { names: 'x', parameters: 'a b, c' }).hint).toContain('`target_parameters: [a b, c]`');
});

test('what --set takes is listed by the help of each command that has it', async () => {
  for (const command of ['go', 'tune', 'plan', 'check', 'fresh-test'])
    expect((await run(command, '--help')).stdout).toMatch(/Settings of sft.*\n(.*\n)* .*learning_rate(.*\n)*.*lora\.r,/);
});

test('the two dev losses have two names, in the list and in the run', async () => {
  const { stdout } = await run('show', runs.stopped);
  const [, best, last] = /best dev loss (\S+) at step \d+, last dev loss (\S+) at step \d+/.exec(stdout) ?? [];
  expect([Number(best) <= Number(last), (await run('runs')).stdout.includes(String(best))]).toEqual([true, true]);
});

test('a go that is interrupted ends with 130, and says with which command it goes on', async () => {
  await testModel();
  const spaced = join(temporaryFolder('my recipes'), 'two words');
  mkdirSync(spaced);
  const { file, gate } = shortRecipe();
  cpSync(gate, join(spaced, 'quickstart.gate.yaml'));
  const recipe = join(spaced, 'short one.yaml');
  cpSync(file, recipe);
  const env = { ...process.env, SLIPWAY_HOME: testHome, NO_COLOR: '1' };
  const { child, ended } = spawnSlipway({ env }, 'go', recipe, '--offline', '--set', 'lora.r=4', '--no-serve');
  let text = '';
  await new Promise<void>((resolve) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('adapted: ')) resolve();
    });
  });
  child.kill('SIGINT');
  const { code, stdout } = await ended;
  expect([code, stdout.includes(`continue it: slipway go '${recipe}' --set lora.r=4 --offline`)]).toEqual([130, true]);
}, 300_000);
