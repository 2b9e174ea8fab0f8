import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readGate } from '../../compare/read-gate.js';
import { recipeSplits } from '../../tune/prepare.js';
import { readRecipe } from '../../tune/read-recipe.js';
import { newRecipe } from './new-recipe.js';
import { profileDataset, repeatingIds } from './profile-dataset.js';

const folder = mkdtempSync(join(tmpdir(), 'slipway-new-'));
const write = (name: string, lines: unknown[]) => {
  const file = join(folder, name);
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return file;
};
const options = (name: string) => ({ name: join(folder, name), model: 'm', force: false });

test('hostile names and values make a recipe and a gate that still say what they should', async () => {
  const column = 'site: x\nmethod: dpo #"{';
  const rows = Array.from({ length: 40 }, (_, i) => ({
    prompt: `q ${i}`,
    completion: i % 2 ? 'yes: {"a"}' : "no\n- 'b' #",
    [column]: `s${i % 20}`,
  }));
  const file = write('odd name.jsonl', rows);
  const made = await newRecipe(file, { ...options('odd'), group: column });
  expect(readRecipe(made.recipe).recipe).toMatchObject({ method: 'sft', data: { file: 'odd name.jsonl', group: column } });
  expect(readGate(made.gate).gate).toMatchObject({ metric: 'accuracy', labels: ["no\n- 'b' #", 'yes: {"a"}'] });
});

test.each([
  ['numeric', (i: number) => `${i * 7}`, 'Answer with one number and nothing else.'],
  [
    'normalized_match',
    (i: number) => `Station ${'abcdefgh'[i % 8]}${'klmno'[Math.floor(i / 8)]}`,
    'Answer in as few words as possible, and with nothing else.',
  ],
])('answers that %s can compare: a gate that reads, may ship, and tells the base what is wanted', async (metric, answerOf, rule) => {
  const asked = Array.from({ length: 40 }, (_, i) => ({
    prompt: `Where is ${'abcdefgh'[i % 8]}${'klmno'[Math.floor(i / 8)]}`.repeat(2),
    completion: answerOf(i),
  }));
  const made = await newRecipe(write(`${metric}.jsonl`, asked), options(metric));
  const { gate } = readGate(made.gate);
  expect(gate).toMatchObject({ metric, margin: 0.05, candidates: { bare: { system: rule }, prompted: { system: rule, num_examples: 8 } } });
});

test('a line that is no object is named with its number, and nothing is written', async () => {
  const file = write('bad.jsonl', [{ prompt: 'a', completion: 'b' }, null, 'text']);
  await expect(newRecipe(file, options('bad'))).rejects.toThrowError(
    expect.objectContaining({ code: 'data-row-invalid', message: expect.stringContaining('bad.jsonl:2') }),
  );
  expect(() => readRecipe(join(folder, 'bad.yaml'))).toThrowError(expect.objectContaining({ code: 'file-not-found' }));
});

test('by how much an answer is better is used by reward models alone, and said to be left out elsewhere', async () => {
  // Prompts that differ in digits alone would be near-duplicates.
  const pairs = Array.from({ length: 40 }, (_, i) => {
    const name = `${'abcdefgh'[i % 8]}${'klmno'[Math.floor(i / 8)]}`.repeat(3);
    return { prompt: `Is ${name} here?`, chosen: `Yes, ${name} is.`, rejected: `${name}? No.`, margin: i % 3 };
  });
  const file = write('margins.jsonl', pairs);
  const dpo = await newRecipe(file, options('margins-dpo'));
  expect(readRecipe(dpo.recipe).recipe.data).toMatchObject({ ignore: ['margin'] });
  expect((await recipeSplits(readRecipe(dpo.recipe))).train[0]).not.toHaveProperty('margin');
  const reward = await newRecipe(file, { ...options('margins-reward'), method: 'reward' });
  expect(readRecipe(reward.recipe).recipe.data).not.toHaveProperty('ignore');
  expect((await recipeSplits(readRecipe(reward.recipe))).train[0]).toHaveProperty('margin');
  const silent = readFileSync(dpo.recipe, 'utf8').replace(/^ +ignore: .*\n/m, '');
  writeFileSync(dpo.recipe, silent);
  await expect(recipeSplits(readRecipe(dpo.recipe))).rejects.toThrowError(expect.objectContaining({ code: 'column-unused' }));
});

test('pairs make a recipe of DPO and a gate of pairs, labelled answers one of KTO', async () => {
  const pairs = Array.from({ length: 80 }, (_, i) => ({ prompt: `q ${i}`, chosen: `Yes ${i}, of course.`, rejected: `No, not ${i}.` }));
  const made = await newRecipe(write('pairs.jsonl', pairs), options('pairs'));
  expect(readRecipe(made.recipe).recipe).toMatchObject({ method: 'dpo', beta: 0.1, num_eval_generations: 5 });
  expect(readGate(made.gate).gate).toMatchObject({ metric: 'preference_accuracy', baselines: ['prompted', 'bare'] });
  const scored = await newRecipe(join(folder, 'pairs.jsonl'), { ...options('scored'), method: 'reward' });
  expect(readRecipe(scored.recipe).recipe).toMatchObject({ method: 'reward', learning_rate: 0.0001 });
  expect(readGate(scored.gate).gate).toMatchObject({ metric: 'reward_accuracy', baselines: ['bare'], guardrails: {} });
  await expect(newRecipe(join(folder, 'pairs.jsonl'), { ...options('no'), method: 'kto' })).rejects.toThrowError(
    'kto learns from answers labelled good or bad, and these are prompts with a better and a worse answer',
  );
  const labelled = pairs.map(({ prompt, chosen, rejected }, i) => ({ prompt, completion: i % 3 ? chosen : rejected, label: i % 3 > 0 }));
  const kto = await newRecipe(write('labelled.jsonl', labelled), options('labelled'));
  expect(readRecipe(kto.recipe).recipe.method).toBe('kto');
  expect(readGate(kto.gate).gate.metric).toBe('reference_logprob');
  expect(kto.profile.compared).toHaveLength(labelled.filter(({ label }) => label).length);
  const allBad = await newRecipe(
    write(
      'bad-labels.jsonl',
      labelled.map((row) => ({ ...row, label: false })),
    ),
    options('bad-labels'),
  );
  expect(readGate(allBad.gate).gate.candidates.prompted?.num_examples).toBe(0);
});

test('columns of ids are told by their names, and only when values repeat', () => {
  const records = Array.from({ length: 10 }, (_, i) => ({ id: i, patient_id: i % 3, clientId: i % 4, note: 'same', valid: i % 2 }));
  expect(repeatingIds(records, ['id', 'patient_id', 'clientId', 'note', 'valid']).map(({ column }) => column)).toEqual([
    'patient_id',
    'clientId',
  ]);
});

test('a large set keeps most of its rows for training, a small one measures with many', async () => {
  const rowsOf = (count: number) => Array.from({ length: count }, (_, i) => ({ prompt: `question ${i}`, completion: `answer ${i}` }));
  expect((await profileDataset({ file: write('small.jsonl', rowsOf(80)) })).shares).toEqual({ dev: 0.1, test: 0.4 });
  const large = await profileDataset({ file: write('large.jsonl', rowsOf(3000)) });
  expect(large.shares).toEqual({ dev: 0.02, test: 0.05 });
  expect(large.splits.test.length).toBeGreaterThan(100);
});
