import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { checkedGate, readGate } from './read-gate.js';

const file = join(mkdtempSync(join(tmpdir(), 'slipway-gate-')), 'x.gate.yaml');
const read = (metric: string, more: string) => {
  writeFileSync(
    file,
    `challenger: tuned\nbaselines: [bare]\nmetric: ${metric}\nmargin: 0\n${more}\ncandidates: {bare: {model: base}, tuned: {model: tuned}}\n`,
  );
  return readGate(file).gate;
};

test('a gate of rewards names its reward model, and one of a reward model has no guardrail that needs an answer', () => {
  expect(() => read('reward_win_rate', 'guardrails: {}')).toThrowError(/reward_model: name the run of the reward model/);
  expect(read('reward_win_rate', 'guardrails: {}\nreward_model: reward-1').reward_model).toBe('reward-1');
  expect(() => read('reward_accuracy', 'guardrails: {forgetting_nats: 1}')).toThrowError(
    /guardrails: reward_accuracy is of models that write nothing/,
  );
  expect(() => read('reward_accuracy', 'guardrails: {}\nreward_model: reward-1')).toThrowError(/there are no answers to score/);
  expect(read('reward_accuracy', 'guardrails: {}').metric).toBe('reward_accuracy');
});

test('a pattern and a tolerance are of one metric each, and a pattern has to be one', () => {
  expect(() => read('regex', 'guardrails: {}')).toThrowError(/pattern: write the regular expression/);
  expect(() => read('regex', "guardrails: {}\npattern: '('")).toThrowError(/pattern: Invalid regular expression/);
  expect(read('regex', "guardrails: {}\npattern: '(a|b)'").pattern).toBe('(a|b)');
  expect(() => read('token_f1', "guardrails: {}\npattern: 'a'\ntolerance: {absolute: 1}")).toThrowError(
    /pattern: is of metric regex, and this is token_f1\n.*tolerance: is of metric numeric/,
  );
  expect(read('numeric', 'guardrails: {}\ntolerance: {relative: 0.01}').tolerance).toEqual({ absolute: 0, relative: 0.01 });
});

test('a function’s file is read with the gate, so that another text is another gate', () => {
  const score = join(dirname(file), 'score.py');
  writeFileSync(score, 'def score(answer, expected, question):\n    return 1\n');
  const gate = read('function', 'guardrails: {}\nfunction: {file: score.py}');
  expect(gate.function).toEqual({ file: 'score.py', source: readFileSync(score, 'utf8') });
  const { sha256 } = checkedGate(gate);
  writeFileSync(score, 'def score(answer, expected, question):\n    return 0\n');
  expect(readGate(file).sha256).not.toBe(sha256);
  expect(() => read('function', 'guardrails: {}')).toThrowError(/function: name the file with/);
  expect(() => read('token_f1', 'guardrails: {}\nfunction: {file: score.py}')).toThrowError(/function: is of metric function/);
  expect(() => read('function', 'guardrails: {}\nfunction: {file: score.sh, source: x}')).toThrowError(/must end in .py, .js or .mjs/);
  expect(() => read('function', 'guardrails: {}\nfunction: {file: missing.py}')).toThrowError(
    expect.objectContaining({ code: 'file-not-found' }),
  );
});
