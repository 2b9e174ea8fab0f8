import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseGate } from '../../compare/read-gate.js';
import { Metric } from '../../protocol/metrics/metrics.js';
import { packageRoot } from '../../store/package.js';
import { gateFields, twoWayFields, withGateField } from './gate-fields.js';

const TEXT = readFileSync(join(packageRoot(), 'recipes', 'quickstart.gate.yaml'), 'utf8');
const fieldOf = (text: string, path: string) => gateFields(text, Metric.options).find((field) => field.path === path);
const gateOf = (text: string) => parseGate('x.gate.yaml', text).gate;

test('the rule of a gate is fields in plain words, and the metric has a meaning for each choice', () => {
  const metric = fieldOf(TEXT, 'metric');
  expect([metric?.label, metric?.value]).toEqual(['What counts as right', 'exact_match']);
  expect(metric?.choices?.map(({ value }) => value)).toEqual(Metric.options);
  expect(metric?.choices?.filter(({ meaning }) => meaning.length < 20)).toEqual([]);
  expect(fieldOf(TEXT, 'margin')?.value).toBe('0.10');
  expect(fieldOf(TEXT, 'baselines')?.value).toBe('[prompted, bare]');
  expect(gateFields('metric: [', Metric.options)).toEqual([]);
  const aliases = ['a: &a [x]', ...Array.from({ length: 9 }, (_, i) => `b${i}: &b${i} [${Array(9).fill(i === 0 ? '*a' : `*b${i - 1}`)}]`)];
  const bomb = `${aliases.join('\n')}\nbaselines: [*b8, *b8]\nmargin: 1\n`;
  expect(gateFields(bomb, Metric.options).find(({ path }) => path === 'margin')?.value).toBe('1');
  expect(withGateField(bomb, 'margin', '0.5')).toContain('margin: 0.5');
});

test('what only one metric reads is a field of that metric alone, and goes with it', () => {
  expect(fieldOf(TEXT, 'pattern')).toBeUndefined();
  const regex = withGateField(withGateField(TEXT, 'metric', 'regex'), 'pattern', '[a-z]');
  expect(fieldOf(regex, 'pattern')?.value).toBe('[a-z]');
  expect(gateOf(regex)).toMatchObject({ metric: 'regex', pattern: '[a-z]' });
  const numeric = withGateField(withGateField(regex, 'metric', 'numeric'), 'tolerance.absolute', '0.5');
  expect(gateOf(numeric)).toMatchObject({ metric: 'numeric', tolerance: { absolute: 0.5 } });
  expect(numeric).not.toContain('pattern');
});

test('a value is written and left out; comments stay, and what is wrong with it is named', () => {
  const changed = withGateField(TEXT, 'margin', '0.2');
  expect(gateOf(changed).margin).toBe(0.2);
  expect(changed.split('\n').filter((line) => line.startsWith('#'))).toEqual(TEXT.split('\n').filter((line) => line.startsWith('#')));
  // Nothing else is written anew.
  expect(changed.replace('0.2', '0.10')).toBe(TEXT);
  expect(gateOf(withGateField(TEXT, 'margin', '0.2 # no, looks: 9')).looks).toBe(1);
  const guarded = withGateField(TEXT, 'guardrails.forgetting_nats', '1');
  expect(gateOf(guarded).guardrails.forgetting_nats).toBe(1);
  const bare = Object.keys(gateOf(TEXT).guardrails).reduce((left, name) => withGateField(left, `guardrails.${name}`, ''), TEXT);
  expect(gateOf(bare).guardrails).toEqual({});
  expect(() => gateOf(withGateField(TEXT, 'margin', 'much'))).toThrowError(/margin/);
  // What is no map of values, a list where a group should be, and a value that another one stands for.
  for (const text of ['hello', '- a', 'metric: ']) expect(() => withGateField(text, 'guardrails.valid_json', '1')).not.toThrow();
  for (const text of ['hello', '- a']) expect(withGateField(text, 'metric', 'regex')).toBe(text);
  expect(withGateField('guardrails: [a]', 'guardrails.valid_json', '0.9')).toMatch(/^guardrails:\n {2}valid_json: 0\.9/);
  const anchored = 'metric: &m exact_match\nlabels: [*m, x]\n';
  expect(withGateField(anchored, 'metric', 'accuracy')).toBe(anchored);
  for (const path of ['challenger', 'candidates.tuned.model', '__proto__.x', 'labels'])
    expect([path, withGateField(TEXT, path, 'x')]).toEqual([path, TEXT]);
});

test('a comparison of two has neither baselines nor looks of its own', () => {
  const paths = twoWayFields().map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(['metric', 'margin', 'pattern', 'guardrails.valid_json']));
  for (const path of ['baselines', 'looks', 'noninferiority', 'guardrails.forgetting_nats', 'reward_model'])
    expect(paths).not.toContain(path);
  expect(twoWayFields()[0]).toMatchObject({
    value: '',
    choices: expect.arrayContaining([{ value: '', text: expect.any(String), meaning: '' }]),
  });
});
