import { expect, test } from 'vitest';
import { parseRecipe } from '../../tune/read-recipe.js';
import { settingFields, withSetting } from './setting-fields.js';

const TEXT = `# Why it is as it is.
model: smollm2-135m-instruct
method: sft
data: { train: train.jsonl } # the rows
learning_rate: 1e-3 # found on dev
lora: { r: 16, lora_alpha: 32 }
`;
const fieldOf = (text: string, path: string) => settingFields(text).find((field) => field.path === path);

test('each setting of the method is a field, with what the recipe writes, the default and its reason', () => {
  expect(fieldOf(TEXT, 'learning_rate')).toMatchObject({ value: '1e-3', choices: null, is_first: true });
  expect(fieldOf(TEXT, 'lora.r')?.value).toBe('16');
  expect(fieldOf(TEXT, 'seed')).toMatchObject({ value: '', placeholder: '42', help: expect.stringContaining('Default: 42') });
  expect(fieldOf(TEXT, 'load_in_4bit')).toMatchObject({ value: '' });
  expect(fieldOf(TEXT, 'load_in_4bit')?.choices?.map(({ value }) => value)).toEqual(['', 'true', 'false']);
  expect(fieldOf(TEXT, 'lr_scheduler_type')?.choices?.map(({ text }) => text)).toEqual(['default', 'cosine', 'linear', 'constant']);
  expect(settingFields(TEXT)[0]?.path).toBe('learning_rate');
  expect(fieldOf(TEXT, 'beta')).toBeUndefined();
  expect(fieldOf(TEXT.replace('sft', 'dpo'), 'beta')).toMatchObject({ is_first: true });
});

test('a text that is no recipe has no fields, and nothing is set in it', () => {
  for (const text of ['', 'method: [', 'method: nonsense\n', 'method: {a: 1}\n']) {
    expect([text, settingFields(text), withSetting(text, 'seed', '3')]).toEqual([text, [], text]);
  }
});

test('a setting is written, changed and left out; comments and the rest stay', () => {
  const changed = withSetting(TEXT, 'learning_rate', '0.0002');
  expect(changed).toBe(TEXT.replace('1e-3', '0.0002'));
  expect(withSetting(changed, 'learning_rate', ' ')).not.toContain('learning_rate');
  expect(withSetting(TEXT, 'lora.r', '8, lora_alpha: 1')).toContain('lora_alpha: 32');
  const added = withSetting(TEXT, 'lora.lora_dropout', '0.05');
  expect(added).toContain('lora: { r: 16, lora_alpha: 32, lora_dropout: 0.05 }');
  expect(parseRecipe('x.yaml', withSetting(added, 'target_modules', '[q_proj]')).recipe).toMatchObject({ lora: { lora_dropout: 0.05 } });
  const without = withSetting(withSetting(TEXT, 'lora.r', ''), 'lora.lora_alpha', '');
  expect(without).not.toContain('lora');
  expect(withSetting(without, 'lora.r', '8')).toMatch(/lora:\n {2}r: 8/);
});

test('what is typed is kept as it is, so that the check can name what is wrong with it', () => {
  expect(() => parseRecipe('x.yaml', withSetting(TEXT, 'learning_rate', 'fast'))).toThrowError(/learning_rate/);
  expect(() => parseRecipe('x.yaml', withSetting(TEXT, 'learning_rate', '[1'))).toThrowError(/learning_rate/);
  expect(() => parseRecipe('x.yaml', withSetting(TEXT, 'learning_rate', '[*x]'))).toThrowError(/learning_rate/);
});

test('nothing but a setting is set: no path of another kind, and no key of an object', () => {
  for (const path of ['method', 'data.train', '__proto__.x', 'lora', 'constructor', 'lora.__proto__']) {
    expect([path, withSetting(TEXT, path, '1')]).toEqual([path, TEXT]);
  }
});
