import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AppError } from '../protocol/errors.js';
import { readRows } from './read-rows.js';
import { loadSplits } from './splits.js';

const folder = mkdtempSync(join(tmpdir(), 'slipway-rows-'));
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const lines = (...values: unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
const failure = (act: () => unknown): AppError => {
  try {
    act();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};
const chat = (question: string, answer: string) => ({
  messages: [
    { role: 'user', content: question },
    { role: 'assistant', content: answer },
  ],
});

describe('formats', () => {
  const row = chat('Q', 'A');
  test.each([
    ['messages', lines(row)],
    ['prompt-completion', lines({ prompt: 'Q', completion: 'A' })],
    ['alpaca', lines({ instruction: 'Q', input: '', output: 'A' })],
    ['messages', `\uFEFF${JSON.stringify(row)}\r\n\r\n`],
    ['messages', JSON.stringify([row])],
  ])('%s is recognised', (format, text) => {
    expect(readRows(file('rows.jsonl', text))).toEqual({ format, rows: [row] });
  });

  test('an Alpaca input stands below its instruction, a group is kept', () => {
    const { rows } = readRows(file('alpaca.json', JSON.stringify([{ instruction: 'Sum up', input: 'Text', output: 'T', group: 3 }])));
    expect(rows).toEqual([{ ...chat('Sum up\n\nText', 'T'), group: '3' }]);
  });
});

describe('bad rows', () => {
  test('are named all at once with file, line and field, and nothing is dropped', () => {
    const text = lines(chat('a', 'b'), { messages: [{ role: 'user', content: 5 }] }, { ...chat('c', 'd'), extra: 1 }, chat('e', ' '));
    const error = failure(() => readRows(file('bad.jsonl', text)));
    expect(error.code).toBe('data-row-invalid');
    expect(error.message).toContain('bad.jsonl:2: messages.0.content');
    expect(error.message).toContain('bad.jsonl:3: unknown column extra');
    expect(error.message).toContain('bad.jsonl:4: messages.1.content: an empty answer');
  });

  test('a line that is no JSON is named', () => {
    const error = failure(() => readRows(file('torn.jsonl', `${lines(chat('a', 'b'))}{"messages": [`)));
    expect(error.message).toContain('torn.jsonl:2: not JSON');
  });

  test('unknown columns, no rows and no file each have their error', () => {
    expect(failure(() => readRows(file('odd.jsonl', lines({ foo: 1 })))).code).toBe('data-format-unknown');
    expect(failure(() => readRows(file('empty.jsonl', '\n'))).code).toBe('data-empty');
    expect(failure(() => readRows(join(folder, 'none.jsonl'))).code).toBe('file-not-found');
  });
});

test('a test row that also occurs in train is found, whatever its case and spacing, and refused', () => {
  file('train.jsonl', lines(chat('What is  it?', 'This'), chat('Other', 'That')));
  file('test.jsonl', lines(chat('New', 'x'), chat('what is it? ', 'Else')));
  const error = failure(() => loadSplits({ train: 'train.jsonl', test: 'test.jsonl' }, folder, 1));
  expect(error.code).toBe('data-split-overlap');
  expect(error.message).toContain('test row 2 is train row 1');
});
