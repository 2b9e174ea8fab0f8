import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { AppError } from '../protocol/errors.js';
import type { Row } from '../protocol/row.js';
import { loadSplits } from './load-splits.js';
import { readRows as readRowsOf, streamRows } from './read-rows.js';
import { rowLines, splitWarnings } from './splits.js';

const readRows = (path: string) => readRowsOf(path, 'chat');
const folder = mkdtempSync(join(tmpdir(), 'slipway-rows-'));
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const lines = (...values: unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
const failure = async (act: () => unknown): Promise<AppError> => {
  try {
    await act();
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

const turns = (...contents: string[]) => contents.map((content, index) => ({ role: index % 2 ? 'assistant' : 'user', content }));

describe('formats of conversations', () => {
  const row = chat('Q', 'A');
  test.each([
    ['messages', lines(row)],
    ['prompt-completion', lines({ prompt: 'Q', completion: 'A' })],
    ['prompt-completion', lines({ prompt: turns('Q'), completion: [{ role: 'assistant', content: 'A' }] })],
    ['alpaca', lines({ instruction: 'Q', input: '', output: 'A' })],
    [
      'sharegpt',
      lines({
        conversations: [
          { from: 'human', value: 'Q' },
          { from: 'gpt', value: 'A' },
        ],
      }),
    ],
    [
      'messages',
      lines({
        messages: [
          { role: 'user', content: [{ type: 'text', text: 'Q' }] },
          { role: 'assistant', content: 'A' },
        ],
      }),
    ],
    ['messages', `\uFEFF${JSON.stringify(row)}\r\n\r\n`],
    ['messages', JSON.stringify([row])],
  ])('%s is recognised', async (format, text) => {
    expect(await readRows(file('rows.jsonl', text))).toMatchObject({ format, rows: [row] });
  });

  test('an Alpaca input stands below its instruction, a group is kept', async () => {
    const { rows } = await readRows(file('alpaca.json', JSON.stringify([{ instruction: 'Sum up', input: 'Text', output: 'T', group: 3 }])));
    expect(rows).toEqual([{ ...chat('Sum up\n\nText', 'T'), group: '3' }]);
  });

  test('tools, calls and thinking are kept', async () => {
    const call = [{ type: 'function', function: { name: 'look', arguments: '{}' } }];
    const messages = [
      { role: 'user', content: 'Q' },
      { role: 'assistant', content: null, tool_calls: call },
      { role: 'tool', content: 'R', tool_call_id: '1' },
      { role: 'assistant', content: 'A', thinking: 'T' },
    ];
    const { rows } = await readRows(file('tools.jsonl', lines({ messages, tools: [{ name: 'look' }] })));
    const [, called] = messages;
    expect(rows).toEqual([{ messages: [messages[0], { ...called, content: '' }, ...messages.slice(2)], tools: [{ name: 'look' }] }]);
  });
});

describe('formats that other methods learn from', () => {
  const [chosen, rejected] = [[{ role: 'assistant', content: 'good' }], [{ role: 'assistant', content: 'bad' }]];
  const collect = async (text: string) => {
    const read = [];
    for await (const row of streamRows(file('other.jsonl', text))) read.push(row);
    return read;
  };
  test.each([
    ['an explicit prompt', 'preference', { prompt: 'Q', chosen: 'good', rejected: 'bad' }],
    ['an explicit prompt of messages', 'preference', { prompt: turns('Q'), chosen, rejected }],
    ['an implicit prompt', 'preference', { chosen: turns('Q', 'good'), rejected: turns('Q', 'bad') }],
    ['dialogues as text', 'hh-preference', { chosen: '\n\nHuman: Q\n\nAssistant: good', rejected: '\n\nHuman: Q\n\nAssistant: bad' }],
  ])('preference with %s', async (_, format, value) => {
    expect(await collect(lines(value))).toMatchObject([{ kind: 'preference', format, row: { prompt: turns('Q'), chosen, rejected } }]);
  });

  test('KTO labels and prompts only', async () => {
    const [kto] = await collect(lines({ prompt: 'Q', completion: 'A', label: false }));
    expect(kto).toMatchObject({ kind: 'labelled', format: 'kto', row: { label: false } });
    expect(await collect(lines({ prompt: 'Q' }))).toMatchObject([{ kind: 'prompt', format: 'prompts', row: { prompt: turns('Q') } }]);
  });

  test('data-format-unlearnable: none of them is trained on as if it were answers', async () => {
    const error = await failure(() => readRows(file('pairs.jsonl', lines({ prompt: 'Q', chosen: 'good', rejected: 'bad' }))));
    expect(error).toMatchObject({ code: 'data-format-unlearnable', data: { format: 'preference', wanted: 'conversations with answers' } });
    const pairs = await readRowsOf(file('pairs.jsonl', lines({ prompt: 'Q', chosen: 'good', rejected: 'bad' })), 'preference');
    expect(pairs.rows).toEqual([{ prompt: turns('Q'), chosen, rejected }]);
  });
});

describe('files', () => {
  const rows = [chat('Q1', 'A1'), chat('Q2', 'A2')];

  test('gzip, CSV, TSV, and a folder of several kinds', async () => {
    const parts = join(folder, 'parts');
    mkdirSync(parts);
    writeFileSync(join(parts, 'a.jsonl.gz'), gzipSync(lines(rows[0])));
    writeFileSync(join(parts, 'b.csv'), '\uFEFFprompt,completion\r\n"Q, ""2""\nmore",A2\r\n');
    writeFileSync(join(parts, 'c.tsv'), 'instruction\toutput\nQ3\tA3\n');
    writeFileSync(join(parts, 'README.md'), 'not data');
    expect((await readRows(parts)).rows).toEqual([rows[0], chat('Q, "2"\nmore', 'A2'), chat('Q3', 'A3')]);
  });

  test('cells of a CSV that hold messages and labels', async () => {
    const text = `messages\n"${JSON.stringify(turns('Q', 'A')).replaceAll('"', '""')}"\n`;
    expect((await readRows(file('chat.csv', text))).rows).toEqual([chat('Q', 'A')]);
  });

  test('a line of 70 MB is refused by its number, and the next one is read', async () => {
    const path = file('long.jsonl', `{"prompt": "${'x'.repeat(70_000_000)}", "completion": "A"}\n${lines({ prompt: 'Q', completion: 5 })}`);
    const error = await failure(() => readRows(path));
    expect(error.message).toContain('long.jsonl:1: longer than 64 MB');
    expect(error.message).toContain('long.jsonl:2: completion: must be a string or messages');
  });

  test('a line of 50 MB is read', async () => {
    const { rows: read } = await readRows(file('large.jsonl', lines({ prompt: 'y'.repeat(50_000_000), completion: 'A' })));
    expect(read[0]?.messages[0]?.content.length).toBe(50_000_000);
  });

  test('a CSV row with a cell too many, a broken archive and a broken Parquet file are named', async () => {
    const odd = await failure(() => readRows(file('odd.csv', 'prompt,completion\nQ,A\nQ,A,B\nQ\nQ,A\n')));
    expect(odd.data.problems).toMatch(/odd.csv:3: has 3 cells, and the header has 2: .*\n.*odd.csv:4: has 1 cell, and the header has 2/);
    writeFileSync(join(folder, 'cut.jsonl.gz'), gzipSync(lines(...rows)).subarray(0, -12));
    expect((await failure(() => readRows(join(folder, 'cut.jsonl.gz')))).message).toContain('cannot be read on');
    expect((await failure(() => readRows(file('odd.parquet', 'no')))).message).toContain('not a readable Parquet file');
  });
});

describe('bad rows', () => {
  test('are named all at once with file, line and field, and nothing is dropped', async () => {
    const text = lines(chat('a', 'b'), { messages: [{ role: 'user', content: 5 }] }, { ...chat('c', 'd'), extra: 1 }, chat('e', ' '));
    const error = await failure(() => readRows(file('bad.jsonl', text)));
    expect(error.code).toBe('data-row-invalid');
    expect(error.message).toContain('bad.jsonl:2: messages.0.content');
    expect(error.message).toContain('bad.jsonl:3: unknown column extra');
    expect(error.message).toContain('bad.jsonl:4: messages.1.content: an empty answer');
  });

  test.each([
    ['a truncated last line', '{"prompt": "Q", "comp', 'not JSON', 'the file ends in the middle of this line?'],
    ['a key that occurs twice', '{"prompt": "Q", "completion": "A", "completion": "B"}', 'the key completion occurs twice', ''],
    ['an escaped key that occurs twice', '{"prompt": "Q", "completion": "A", "\\u0070rompt": "B"}', 'the key prompt occurs twice', ''],
    ['half a character', '{"prompt": "Q \\ud83d", "completion": "A"}', 'prompt holds half a character', ''],
    ['other keys in mixed rows', '{"instruction": "Q", "output": "A"}', 'unknown column instruction, output', 'prompt'],
  ])('%s', async (name, line, problem, also) => {
    const error = await failure(() => readRows(file(`${name}.jsonl`, `${lines({ prompt: 'a', completion: 'b' })}${line}`)));
    expect(error.message).toContain(`${name}.jsonl:2`);
    expect(error.message).toContain(problem);
    expect(error.message).toContain(also);
  });

  test('a whole emoji, written as two escapes, is no half character', async () => {
    const path = file('emoji.jsonl', '{"prompt": "\\ud83d\\ude42 \\\\ud83d", "completion": "A"}');
    expect((await readRows(path)).rows[0]?.messages[0]?.content).toBe('🙂 \\ud83d');
  });

  test('bytes that are no UTF-8; UTF-16 is found by looking', async () => {
    writeFileSync(join(folder, 'latin.jsonl'), Buffer.from('{"prompt": "caf\xe9", "completion": "A"}\n', 'latin1'));
    expect((await failure(() => readRows(join(folder, 'latin.jsonl')))).message).toContain('latin.jsonl:1: not UTF-8');
    writeFileSync(join(folder, 'wide.jsonl'), Buffer.from(`\uFEFF${lines({ prompt: 'Q', completion: 'A' })}`, 'utf16le'));
    expect((await readRows(join(folder, 'wide.jsonl'))).rows).toEqual([chat('Q', 'A')]);
    const said = await failure(() => readRowsOf(join(folder, 'wide.jsonl'), 'chat', { encoding: 'utf-8' }));
    expect(said.message).toContain('it looks like UTF-16');
  });

  test('unknown columns, no rows and no file each have their error', async () => {
    expect((await failure(() => readRows(file('odd.jsonl', lines({ foo: 1 }))))).code).toBe('data-format-unknown');
    expect((await failure(() => readRows(file('empty.jsonl', '\n')))).code).toBe('data-empty');
    expect((await failure(() => readRows(join(folder, 'none.jsonl')))).code).toBe('file-not-found');
  });
});

test('a test row that also occurs in train is found, whatever its case and spacing, and refused', async () => {
  file('train.jsonl', lines(chat('What is  it?', 'This'), chat('Other', 'That')));
  file('test.jsonl', lines(chat('New', 'x'), chat('what is it? ', 'Else')));
  const error = await failure(() =>
    loadSplits(
      { train: 'train.jsonl', test: 'test.jsonl' },
      { folder, seed: 1, kind: 'chat', were_test: new Set(), allows_near_duplicates: false },
    ),
  );
  expect(error.code).toBe('data-split-overlap');
  expect(error.message).toContain('test row 2 is train row 1');
});

describe('near-duplicates between splits', () => {
  const load = (allows_near_duplicates: boolean) =>
    loadSplits(
      { train: 'near-train.jsonl', test: 'near-test.jsonl' },
      { folder, seed: 1, kind: 'chat', were_test: new Set(), allows_near_duplicates },
    );

  test('are refused by row, and told where the recipe allows them', async () => {
    file('near-train.jsonl', lines(chat('Ticket 12: no light', 'Power'), chat('Other', 'That')));
    file('near-test.jsonl', lines(chat('New', 'x'), chat('Ticket 13 — no light!', 'power')));
    expect(await failure(() => load(false))).toMatchObject({
      code: 'near-duplicates',
      message: expect.stringContaining('test row 2 is train row 1'),
    });
    expect((await load(true)).near_duplicates).toEqual(['test row 2 is train row 1']);
  });
});

describe('columns that a recipe names', () => {
  const rows = [
    { prompt: 'Q', completion: 'A', site: 4, note: 'x', id: 1 },
    { prompt: 'R', completion: 'B', site: 5, note: 'y', id: 2 },
  ];
  const read = async (columns: { group?: string; ignore?: string[] }) =>
    (await readRowsOf(file('columns.jsonl', lines(...rows)), 'chat', columns)).rows;

  test('the one that groups becomes the group, ignored ones are gone', async () => {
    expect(await read({ group: 'site', ignore: ['note', 'id'] })).toEqual([
      { ...chat('Q', 'A'), group: '4' },
      { ...chat('R', 'B'), group: '5' },
    ]);
    expect(await read({ ignore: ['note', 'id', 'site'] })).toEqual([chat('Q', 'A'), chat('R', 'B')]);
  });

  test('what is not named is named as unknown', async () => {
    const { message } = await failure(() => read({ group: 'site' }));
    expect(message).toContain('columns.jsonl:1: unknown column note, id: remove it or rename it');
    expect((await failure(() => readRowsOf(file('odd.jsonl', lines('text', null, 5)), 'chat', { ignore: ['x'] }))).code).toBe(
      'data-format-unknown',
    );
  });
});

describe('what no method can learn from', () => {
  const said = async (kind: 'chat' | 'preference' | 'labelled' | 'prompt', value: object) => {
    const path = file('turns.jsonl', lines(value));
    return (await failure(() => readRowsOf(path, kind))).message
      .split('\n')
      .slice(1)
      .map((line) => line.replace(`  ${path}:1: `, ''));
  };
  const [q, a, system, none] = [
    { role: 'user', content: 'Q' },
    { role: 'assistant', content: 'A' },
    { role: 'system', content: 'S' },
    { role: 'assistant', content: ' ' },
  ];
  test.each<[string, Parameters<typeof said>, string[]]>([
    [
      'a system message that is not the first',
      ['chat', { messages: [q, system, a] }],
      ['messages.1.content: a system message must be the first'],
    ],
    [
      'a question at the end',
      ['chat', { messages: [system, a, q] }],
      ['messages.2.content: the last message must be the assistant’s answer'],
    ],
    [
      'an empty answer',
      ['chat', { messages: [q, none] }],
      ['messages.1.content: an empty answer teaches nothing: write one or remove the row'],
    ],
    [
      'both sides of a pair',
      ['preference', { prompt: [q], chosen: [none], rejected: [q] }],
      [
        'chosen.0.content: an empty answer teaches nothing: write one or remove the row',
        'rejected.0.content: the last message must be the assistant’s answer',
      ],
    ],
    [
      'a labelled answer',
      ['labelled', { prompt: [q, system], completion: [q], label: true }],
      ['prompt.1.content: a system message must be the first', 'completion.0.content: the last message must be the assistant’s answer'],
    ],
    ['a prompt', ['prompt', { prompt: [q, system] }], ['prompt.1.content: a system message must be the first']],
  ])('%s', async (_, asked, told) => {
    expect(await said(...asked)).toEqual(told);
  });

  test('an answer that only calls a tool is one', async () => {
    const call = { role: 'assistant', content: '', tool_calls: [{}] };
    expect((await readRows(file('call.jsonl', lines({ messages: [q, call] })))).rows).toHaveLength(1);
  });

  test('twenty problems are shown, with the number of all', async () => {
    const bad = Array.from({ length: 23 }, () => ({ prompt: 'Q', completion: 5 }));
    const { message, data } = await failure(() => readRows(file('many.jsonl', lines(...bad))));
    expect([data.count, message.split('\n').length, message.split('\n').at(-1)]).toEqual(['23 problems', 22, '  … and 3 more']);
    const all = await failure(() => readRows(file('twenty.jsonl', lines(...bad.slice(0, 20)))));
    expect([all.data.count, all.message]).toEqual(['20 problems', expect.not.stringContaining('more')]);
    expect((await failure(() => readRows(file('one.jsonl', lines(bad[0]))))).data.count).toBe('1 problem');
  });

  test('data-empty names the file', async () => {
    const path = file('blank.jsonl', '\n');
    expect((await failure(() => readRows(path))).message).toBe(`${path} has no rows.`);
  });
});

describe('overlap', () => {
  const load = (data: Parameters<typeof loadSplits>[0], allows_near_duplicates = false) =>
    loadSplits(data, { folder, seed: 1, kind: 'chat', were_test: new Set(), allows_near_duplicates });
  const word = (n: number) => 'abcdefghijklm'[n] as string;

  test('of each pair of splits is refused; ten rows are shown, with the number of all', async () => {
    const rows = Array.from({ length: 12 }, (_, i) => chat(`Question ${word(i)}`, 'x'));
    file('s-train.jsonl', lines(...rows));
    file('s-other.jsonl', lines(chat('New', 'x'), ...rows));
    file('s-new.jsonl', lines(chat('Fresh', 'x')));
    const error = await failure(() => load({ train: 's-train.jsonl', dev: 's-other.jsonl', test: 's-new.jsonl' }));
    expect(error).toMatchObject({ code: 'data-split-overlap', data: { count: '12 rows', split: 'dev', other: 'train' } });
    expect(error.message.split('\n').slice(1)).toEqual([
      ...Array.from({ length: 10 }, (_, i) => `  dev row ${i + 2} is train row ${i + 1}`),
      '  … and 2 more',
    ]);
    const inDev = await failure(() => load({ train: 's-new.jsonl', dev: 's-train.jsonl', test: 's-other.jsonl' }));
    expect(inDev.data).toMatchObject({ split: 'test', other: 'dev' });
    file('s-ten.jsonl', lines(...rows.slice(0, 10)));
    expect((await failure(() => load({ train: 's-train.jsonl', test: 's-ten.jsonl' }))).message).not.toContain('more');
    expect(await load({ train: 's-train.jsonl', dev: 's-new.jsonl' })).toMatchObject({ test: [], near_duplicates: [] });
  });

  test('a file that is split has no overlap; generated rows are conversations alone', async () => {
    file('s-all.jsonl', lines(...Array.from({ length: 12 }, (_, i) => chat(`Question ${word(i)}`, 'x'))));
    const splits = await load({ file: 's-all.jsonl', dev: 0.3, test: 0.3 });
    expect(splits.train.length + splits.dev.length + splits.test.length).toBe(12);
    const sample = { sample: 'incident-reports', train: 3, dev: 1, test: 1 } as const;
    const request = { folder, seed: 1, were_test: new Set<string>(), allows_near_duplicates: false };
    expect((await failure(() => loadSplits(sample, { ...request, kind: 'preference' }))).code).toBe('data-format-unlearnable');
    expect((await loadSplits(sample, { ...request, kind: 'chat' })).train).toHaveLength(3);
  });
});

test('what a person should know of a split is said with its count, and nothing where there is nothing', () => {
  const none = { train: [], dev: [], test: [] };
  expect(splitWarnings(none)).toEqual([]);
  expect(splitWarnings({ ...none, num_moved: 1, near_duplicates: ['a', 'b'] })).toEqual([
    expect.stringMatching(/^1 row moved to another split/),
    expect.stringMatching(/^2 rows of one split are near-duplicates of rows of another/),
  ]);
  expect(rowLines([chat('a', 'b') as Row])).toBe(`${JSON.stringify(chat('a', 'b'))}\n`);
});
