import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { METHOD_NAMES } from '../protocol/methods/methods.js';
import { Recipe } from '../protocol/recipe.js';
import { nearestName, readYaml } from './read-yaml.js';

const file = join(mkdtempSync(join(tmpdir(), 'slipway-yaml-')), 'recipe.yaml');
const problemsOf = (text: string) => {
  writeFileSync(file, text);
  return readYaml(file, Recipe).problems.map(({ line, field, problem }) => ({ line, field, problem }));
};

test('all problems are told at once, with line and field, and unknown keys with the nearest known one', () => {
  const problems = problemsOf(
    'model: m\nmethod: sft\nlearning_rat: 1\nlora:\n  rank: 8\n  lora_alpha: -1\ndata: {train: a.jsonl, tset: b.jsonl}\n',
  );
  expect(problems).toEqual([
    { line: 3, field: 'learning_rat', problem: 'unknown key, did you mean `learning_rate`?' },
    { line: 5, field: 'lora.rank', problem: expect.stringContaining('unknown key') },
    { line: 6, field: 'lora.lora_alpha', problem: expect.stringContaining('>0') },
    { line: 7, field: 'data.tset', problem: 'unknown key, did you mean `test`?' },
  ]);
});

test('a method that there is not is told with those that there are', () => {
  expect(problemsOf('model: m\nmethod: sfd\ndata: {train: a.jsonl}\n')).toEqual([
    { line: 2, field: 'method', problem: `must be one of: ${METHOD_NAMES.join(', ')}` },
  ]);
});

test('YAML that does not parse is told with its line', () => {
  expect(problemsOf('model: m\nmethod: [sft\n')[0]).toMatchObject({ line: 3 });
});

test('a name that is far from all known ones gets no suggestion', () => {
  expect(nearestName('lerning_rate', ['learning_rate', 'seed'])).toBe('learning_rate');
  expect(nearestName('alpha', ['learning_rate', 'lora_alpha'])).toBe('lora_alpha');
  expect(nearestName('warmup_ratio', ['warmup_steps', 'seed'])).toBe('warmup_steps');
  expect(nearestName('completely_other_thing', ['learning_rate', 'seed'])).toBeNull();
});
