import { describe, expect, test } from 'vitest';
import type { DataRow, Message } from '../../protocol/row.js';
import { startLint } from './lint-rows.js';
import { personalDataIn } from './personal-data.js';

const turns = (...contents: string[]): Message[] => contents.map((content, index) => ({ role: index % 2 ? 'assistant' : 'user', content }));
const reply = (content: string): Message[] => [{ role: 'assistant', content }];
const chat = (...contents: string[]): DataRow => ({ kind: 'chat', row: { messages: turns(...contents) } });

function lint(rows: DataRow[], contextLength: number | null = null) {
  const started = startLint(contextLength);
  for (const [index, row] of rows.entries()) started.look(row, { file: 'rows', line: index + 1 });
  const { num_rows, warnings } = started.report();
  return {
    num_rows,
    warnings: Object.fromEntries(warnings.map(({ kind, count, examples }) => [kind, { count, lines: examples.map(({ line }) => line) }])),
  };
}

test('each warning has its count, and three examples by line', () => {
  const rows = [chat('What is it?', 'This'), ...Array.from({ length: 5 }, () => chat('What is it?', 'This'))];
  expect(lint(rows)).toEqual({ num_rows: 6, warnings: { 'repeated row': { count: 5, lines: [2, 3, 4] } } });
});

const pair = (prompt: string, chosen: string, rejected: string): DataRow => ({
  kind: 'preference',
  row: { prompt: turns(prompt), chosen: reply(chosen), rejected: reply(rejected) },
});
const labelled = (prompt: string, answer: string, label: boolean): DataRow => ({
  kind: 'labelled',
  row: { prompt: turns(prompt), completion: reply(answer), label },
});

describe('what is risky in preferences', () => {
  test('a pair that another contradicts, and an answer with both labels, by line', () => {
    expect(lint([pair('q', 'x', 'y'), pair('r', 'y', 'x'), pair('q', 'y', 'x')]).warnings).toEqual({
      'contradicts another row': { count: 1, lines: [3] },
    });
    const both = lint([labelled('q', 'x', true), labelled('q', 'z', false), labelled('q', 'x', false)]).warnings;
    expect(both['contradicts another row']).toEqual({ count: 1, lines: [3] });
  });

  test('dialogues that share no prompt', () => {
    const row = { prompt: [], chosen: turns('How?', 'So'), rejected: turns('Why?', 'So') };
    expect(Object.keys(lint([{ kind: 'preference', row }]).warnings)).toEqual(['prompts differ inside a pair']);
  });

  test('better answers that are nearly always the longer or the shorter ones, from 20 pairs and three quarters on', () => {
    const rows = (numLonger: number, count: number) =>
      Array.from({ length: count }, (_, n) =>
        pair(`question ${String.fromCharCode(97 + n)}`, n < numLonger ? 'yes, so it is' : 'so', 'no, never'),
      );
    expect(lint(rows(15, 20)).warnings['better answers are longer']).toEqual({ count: 15, lines: [1, 2, 3] });
    expect(lint(rows(5, 20)).warnings['better answers are shorter']?.count).toBe(15);
    expect(lint(rows(14, 20)).warnings).toEqual({});
    expect(lint(rows(19, 19)).warnings).toEqual({});
  });

  test('what is personal in a worse answer', () => {
    expect(Object.keys(lint([pair('q', 'no', 'ask jo@example.org')]).warnings)).toEqual(['email address']);
  });
});

describe('what is risky', () => {
  test.each<[string, DataRow[], number | null]>([
    ['near-duplicate', [chat('Ticket 12: no light', 'power'), chat('ticket 13 — No light!', 'Power')], null],
    ['roles out of order', [{ kind: 'chat', row: { messages: [...turns('a'), ...turns('b', 'c')] } }], null],
    ['empty question', [chat(' ', 'answer')], null],
    ['answer repeats its prompt', [chat('Say it', 'Say it ')], null],
    ['chosen equals rejected', [{ kind: 'preference', row: { prompt: turns('q'), chosen: reply('x'), rejected: reply('x') } }], null],
    ['longer than the context', [chat('word '.repeat(1000), 'yes')], 512],
    ['card number', [chat('It was 4111 1111 1111 1111', 'noted')], null],
  ])('%s', (kind, rows, contextLength) => {
    expect(Object.keys(lint(rows, contextLength).warnings)).toEqual([kind]);
  });

  test('a call of a tool and the answer made of its result are both the assistant’s', () => {
    const call: Message = { role: 'assistant', content: '', tool_calls: [{}] };
    const messages: Message[] = [...turns('q'), call, { role: 'tool', content: 'r' }, { role: 'assistant', content: 'a' }];
    expect(lint([{ kind: 'chat', row: { messages } }]).warnings).toEqual({});
  });
});

describe('personal data', () => {
  test.each([
    ['4111-1111-1111-1111', ['card number']],
    ['order 4111 1111 1111 1112', []],
    ['call +49 30 901820', ['phone number']],
    ['call (555) 123-4567 today', ['phone number']],
    ['jo@example.org', ['email address']],
    ['on 2026-11-24 at 14:02:13, 1.234.567 items', []],
    ['build 20.19.5 of release 1000000', []],
  ])('%s', (text, kinds) => {
    expect(personalDataIn(text)).toEqual(kinds);
  });
});
