/** Files as people have them: columns of other names, CSV as it is exported, and a few broken rows among many. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AppError } from '../protocol/errors.js';
import { Columns } from '../protocol/recipe.js';
import { dialectOf, dialectText } from './dialect.js';
import { guessColumns } from './guess-columns.js';
import { oddness, refuseOddAnswers } from './odd-answers.js';
import { type RowOptions, readRows } from './read-rows.js';

const folder = mkdtempSync(join(tmpdir(), 'slipway-columns-'));
const file = (name: string, content: string | Buffer) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const lines = (...rows: unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const read = async (path: string, options: RowOptions) =>
  (await readRows(path, 'chat', options)).rows.map(({ messages }) =>
    messages.map(({ role, content }) => `${role}: ${content}`).join(' | '),
  );
const failure = async (act: () => unknown): Promise<AppError> => {
  try {
    await act();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

test.each([
  ['other names', { question: 'Q', answer: 'A', id: 7 }, { prompt: 'question', completion: 'answer' }, 'user: Q | assistant: A'],
  ['a label that is a number', { text: 'Q', label: 2 }, { prompt: 'text', completion: 'label' }, 'user: Q | assistant: 2'],
  [
    'paths and a template, as SQuAD has them',
    { context: 'C', question: 'Q', answers: { text: ['A', 'B'], answer_start: [1, 2] } },
    { prompt: '{context}\n\n{question}', completion: 'answers.text.0' },
    'user: C\n\nQ | assistant: A',
  ],
  [
    'instances of a seed task, one of whose inputs is empty',
    { instruction: 'Do it', instances: [{ input: '', output: 'Done' }] },
    { prompt: '{instruction}\n\n{instances.0.input}', completion: 'instances.0.output' },
    'user: Do it | assistant: Done',
  ],
  ['a name with a dot in it', { 'a.b': 'Q', c: 'A' }, { prompt: 'a.b', completion: 'c' }, 'user: Q | assistant: A'],
  ['braces', { a: 'Q', c: 'A' }, { prompt: '{{{a}}}', completion: 'c' }, 'user: {Q} | assistant: A'],
  [
    'a sentence as the system prompt',
    { q: 'Q', a: 'A' },
    { prompt: 'q', completion: 'a', system: 'You sort tickets.' },
    'system: You sort tickets. | user: Q | assistant: A',
  ],
  [
    'a column as the system prompt',
    { q: 'Q', a: 'A', s: 'Be brief.' },
    { prompt: 'q', completion: 'a', system: 's' },
    'system: Be brief. | user: Q | assistant: A',
  ],
  [
    'whole conversations with other names of their own',
    {
      id: 1,
      turns: [
        { speaker: 'human', text: 'Q' },
        { speaker: 'bot', text: 'A' },
      ],
    },
    { messages: 'turns' },
    'user: Q | assistant: A',
  ],
])('%s', async (_name, row, columns, expected) => {
  expect(await read(file('own.jsonl', lines(row, row)), { columns })).toEqual([expected, expected]);
});

test('the command that an error prints has what was said of the file', async () => {
  const path = file('said.jsonl', lines({ q: 'Q', a: '' }));
  const { hint } = await failure(() => readRows(path, 'chat', { columns: { prompt: '{q}\n', completion: 'a' }, delimiter: '\t' }));
  expect(hint).toContain(`\`slipway check ${path} --prompt '{q}\\n' --completion a --delimiter tab --write-clean clean.jsonl\``);
});

test('a column that is used for nothing is no problem, and one that groups is kept', async () => {
  const path = file('grouped.jsonl', lines({ q: 'Q', a: 'A', patient: 3, note: 'x' }));
  expect((await readRows(path, 'chat', { columns: { prompt: 'q', completion: 'a' }, group: 'patient' })).rows[0]?.group).toBe('3');
});

test('what is wrong is told by the columns of the file', async () => {
  const columns = { prompt: '{title}\n{body}', completion: 'reply' };
  const path = file(
    'wrong.jsonl',
    lines(
      { title: 'T', body: 'B', reply: 'R' },
      { title: 'T', reply: 'R' },
      { title: 'T', body: 'B', reply: ' ' },
      { title: 'T', body: ['x'], reply: 'R' },
    ),
  );
  const { problems } = (await failure(() => readRows(path, 'chat', { columns }))).data;
  expect(
    String(problems)
      .split('\n')
      .map((line) => line.replace(`  ${path}:`, '')),
  ).toEqual([
    '2: body: is missing',
    '3: reply: an empty answer teaches nothing: write one or remove the row',
    '4: body: is a list: name one of its entries, such as body.0',
  ]);
  const empty = await failure(() => readRows(file('pair.jsonl', lines({ prompt: 'Q', completion: '' })), 'chat'));
  expect(empty.message).toContain('pair.jsonl:1: completion: an empty answer');
  const sharegpt = {
    conversations: [
      { from: 'human', value: 'Q' },
      { from: 'gpt', value: '' },
    ],
    system: 'S',
  };
  expect((await failure(() => readRows(file('share.jsonl', lines(sharegpt)), 'chat'))).message).toContain(
    'conversations.1.value: an empty answer',
  );
  const texts = await failure(() =>
    readRows(file('turns.jsonl', lines({ turns: ['Q', 'A'] })), 'chat', { columns: { messages: 'turns' } }),
  );
  expect(texts.message).toContain('turns: entry 0 does not say who speaks');
});

test('column-unknown and data-format-unknown: the command that may be meant stands in the error', async () => {
  const path = file('help desk.csv', 'text;department\nMy card;billing\n');
  const unknown = await failure(() => readRows(path, 'chat'));
  expect([unknown.code, unknown.hint]).toEqual([
    'data-format-unknown',
    `Say which columns hold what is asked and what is answered: \`slipway new '${path}' --prompt text --completion department\`.`,
  ]);
  const wrong = await failure(() => readRows(path, 'chat', { columns: { prompt: 'txt', completion: 'department' } }));
  expect([wrong.code, wrong.message]).toEqual([
    'column-unknown',
    `${path} does not have the columns of prompt: txt; its columns are text, department.`,
  ]);
});

test.each([
  [{ question: 'Q', answer: 'A' }, '--prompt question --completion answer'],
  [{ text: 'Q', label: 1 }, '--prompt text --completion label'],
  [{ id: 'x1', text: 'Q', department: 'A' }, '--prompt text --completion department'],
  [
    { title: 'T', context: 'C', question: 'Q', answers: { text: ['A'], answer_start: [0] } },
    '--prompt {context}\\n\\n{question} --completion answers.text.0',
  ],
  [{ id: 1, turns: [{ role: 'user', content: 'Q' }] }, '--messages turns'],
  [
    { instruction: 'I', instances: [{ input: 'x', output: 'y' }] },
    '--prompt {instruction}\\n\\n{instances.0.input} --completion instances.0.output',
  ],
  [{ subject: 'S', body: 'B', team: 'T' }, '--prompt {subject}\\n\\n{body} --completion team'],
  [{ prompt: 'Q', response: 'A' }, '--prompt prompt --completion response'],
  [{ frage: 'Q', antwort: 'A' }, '--prompt frage --completion antwort'],
  [{ only: 'x' }, '--prompt COLUMN --completion COLUMN'],
  [{ a: null }, '--prompt COLUMN --completion COLUMN'],
])('guess of %j', (row, expected) => {
  expect(guessColumns(row).join(' ')).toBe(expected);
});

test('columns are prompt and completion, or messages', () => {
  for (const prompt of ['{text', '{}', 'text}', '{{text}}', '{a} {b'])
    expect([prompt, Columns.safeParse({ prompt, completion: 'a' }).success]).toEqual([prompt, false]);
  for (const prompt of ['text', '{a}', '{{{a}}}', '{a.b.0} and {c}'])
    expect([prompt, Columns.safeParse({ prompt, completion: 'a' }).success]).toEqual([prompt, true]);
  for (const bad of [{ prompt: 'a' }, { messages: 'm', prompt: 'a' }, {}, { prompt: 'a', completion: 'b', other: 'c' }])
    expect(Columns.safeParse(bad).success).toBe(false);
});

const TABLE = [
  ['prompt', 'completion'],
  ['Which one, "this"; or that?', 'A1'],
  ['Two\nlines', 'A2'],
  ['Ä', 'A3'],
];
const csv = (delimiter: string, end = '\n') =>
  TABLE.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(delimiter)).join(end) + end;
const rows = TABLE.slice(1).map(([question, answer]) => `user: ${question} | assistant: ${answer}`);

test.each<[string, Buffer | string, string | null]>([
  ['comma.csv', csv(','), null],
  ['semicolon.csv', csv(';'), 'cells separated by ;'],
  ['tab.csv', csv('\t'), 'cells separated by tabs'],
  ['bar.csv', csv('|'), 'cells separated by |'],
  ['comma.tsv', csv(','), null],
  ['says.csv', `sep=;\r\n${csv(';', '\r\n')}`, 'cells separated by ;'],
  ['excel.csv', `\uFEFF${csv(';', '\r\n')}`, 'cells separated by ;'],
  ['mac.csv', csv(',', '\r'), null],
  ['mixed.csv', csv(',').replace('A1"\n', 'A1"\r\n').replace('A2"\n', 'A2"\r'), null],
  ['wide.csv', Buffer.from(`\uFEFF${csv('\t', '\r\n')}`, 'utf16le'), 'UTF-16, cells separated by tabs'],
  ['wide-unmarked.csv', Buffer.from(csv(';'), 'utf16le'), 'UTF-16, cells separated by ;'],
])('%s is read as it was exported', async (name, content, dialect) => {
  const path = file(name, content);
  expect(await read(path, {})).toEqual(rows);
  expect(dialectText(await dialectOf(path))).toBe(dialect);
});

test('a line of Excel’s is no row, and stays a line; by hand a delimiter is what it is said to be', async () => {
  const broken = await failure(() => readRows(file('says.csv', 'sep=;\r\nprompt;completion\r\nQ;A\r\nQ;A;B\r\n'), 'chat'));
  expect(broken.message).toContain('says.csv:4: has 3 cells');
  expect(await read(file('hash.csv', 'prompt#completion\nQ#A\n'), { delimiter: '#' })).toEqual(['user: Q | assistant: A']);
  // More commas than semicolons, but not in every row.
  expect(await read(file('text.csv', 'prompt;completion\na, b, c;x\nd;y\n'), {})).toEqual([
    'user: a, b, c | assistant: x',
    'user: d | assistant: y',
  ]);
});

test('oddness: what is no JSON object among objects, and one in a code fence', () => {
  expect(oddness('{"a": 1}')).toBeNull();
  expect(oddness('```json\n{"a": 1}\n```')).toContain('code fence');
  expect(oddness('{"a": 1')).toContain('not a JSON object');
  expect(oddness('[1]')).toContain('not a JSON object');
});

const records = (odd: string[], numGood: number) =>
  [...Array.from({ length: numGood }, (_, i) => `{"n": ${i}}`), ...odd].map((answer, i) => ({ prompt: `Q${i}`, completion: answer }));

test('an odd answer among records is named as that row; where many are, the set is no set of records', async () => {
  const path = file('records.jsonl', lines(...records(['{"n": 7', '```\n{"n": 8}\n```'], 78)));
  const good = await readRows(path, 'chat');
  const error = await failure(() => refuseOddAnswers(path, {}, good));
  expect(error.message).toMatch(
    /^2 problems in the data:\n.*records.jsonl:79: the answer: not a JSON object.*\n.*records.jsonl:80: the answer: a JSON object in a code fence/,
  );
  expect(error.hint).toContain(`slipway check ${path} --write-clean clean.jsonl`);
  const half = await readRows(file('half.jsonl', lines(...records(['x', 'y', 'z'], 6))), 'chat');
  expect(() => refuseOddAnswers('half', {}, half)).not.toThrow();
});

test('prompt and response are no mere prompts; a column of images that holds none is passed over', async () => {
  const error = await failure(() => readRows(file('responses.jsonl', lines({ prompt: 'Q', response: 'A' })), 'chat'));
  expect([error.code, error.data.options]).toEqual(['data-format-unknown', ['--prompt', 'prompt', '--completion', 'response']]);
  const path = file(
    'pictures.jsonl',
    lines({ prompt: 'Q', completion: 'A', images: [] }, { prompt: 'Q2', completion: 'A', images: ['x.png'] }),
  );
  expect((await failure(() => readRows(path, 'chat'))).data.problems).toMatch(/^ {2}\S+:2: images cannot be learnt here/);
});

test('a chat with tools, one with an image and one with an empty answer are told apart', async () => {
  const asked = { role: 'user', content: 'Q' };
  const call = { role: 'assistant', content: null, tool_calls: [{ type: 'function', function: { name: 'look', arguments: '{}' } }] };
  const chats = [
    { messages: [asked, call], tools: [{ type: 'function', function: { name: 'look' } }] },
    {
      messages: [
        { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:,' } }] },
        { role: 'assistant', content: 'A' },
      ],
    },
    { messages: [asked, { role: 'assistant', content: '' }] },
  ];
  const { problems } = (await failure(() => readRows(file('chats.jsonl', lines(...chats)), 'chat'))).data;
  expect(String(problems).split('\n')).toEqual([
    expect.stringMatching(/:2: messages.0.content.0: image_url cannot be learnt here/),
    expect.stringMatching(/:3: messages.1.content: an empty answer/),
  ]);
});
