import { describe, expect, test } from 'vitest';
import type { Row } from '../protocol/row.js';
import { groupedTest, groupsOf } from './groups.js';
import { nearDuplicates, sharedRows } from './overlap.js';
import { promptKey } from './row-keys.js';
import { splitRows } from './split-rows.js';

const row = (question: string, group?: string): Row => ({
  messages: [
    { role: 'user', content: question },
    { role: 'assistant', content: 'x' },
  ],
  ...(group === undefined ? {} : { group }),
});
const shares = { dev: 0.1, test: 0.3 };
const many = Array.from({ length: 500 }, (_, i) => row(`Question ${i}`));
const questions = (rows: Row[]) => rows.map(({ messages }) => messages[0]?.content);

describe('a split by hash', () => {
  test('gives about the shares that were asked for, and every row one side', () => {
    const { train, dev, test: held } = splitRows(many, shares);
    expect(train.length + dev.length + held.length).toBe(500);
    expect(held.length).toBeGreaterThan(120);
    expect(held.length).toBeLessThan(180);
    expect(dev.length).toBeGreaterThan(30);
  });

  test('a row stays where it is when others are added', () => {
    const before = new Set(questions(splitRows(many.slice(0, 250), shares).test));
    const after = new Set(questions(splitRows(many, shares).test));
    expect([...before].every((question) => after.has(question))).toBe(true);
  });

  test('rows of one group stay on one side and count as one group, whatever they ask', () => {
    const grouped = Array.from({ length: 200 }, (_, i) => row(`Question ${i}`, `patient ${i % 20}`));
    const splits = splitRows(grouped, shares);
    const sides = (['train', 'dev', 'test'] as const).map((side) => new Set(splits[side].map(({ group }) => group)));
    expect(sides.reduce((sum, groups) => sum + groups.size, 0)).toBe(20);
  });

  test('the same prompt in two groups joins them; case and spaces do not make another prompt', () => {
    const groups = groupsOf([row('A', 'one'), row('B', 'two'), row(' a ', 'two'), row('C', 'three')]);
    expect(groups.map(({ rows }) => rows.length)).toEqual([3, 1]);
    expect(groups[0]?.rows.map(({ group }) => group)).toEqual(['one', 'one', 'one']);
  });

  test('without a group column, rows of the same prompt are one group', () => {
    expect(groupsOf([row('A'), row('A'), row('B')]).map(({ rows }) => rows.length)).toEqual([2, 1]);
  });
});

describe('rows that were measured on', () => {
  const before = splitRows(many.slice(0, 250), shares);
  const wereTest = new Set(before.test.map(promptKey));

  test('stay in test when the shares change, and draw the rows of their group with them', () => {
    const after = splitRows(many, { dev: 0.1, test: 0 }, wereTest);
    expect(questions(after.test)).toEqual(questions(before.test));
    expect(after.num_moved).toBe(before.test.length);
    const [tested] = before.test as [Row];
    const trained = many.slice(250).find((one) => splitRows([one], { dev: 0, test: 0.3 }).train.length === 1) as Row;
    const joined = [...many.slice(0, 250), { ...tested, group: 'one' }, { ...trained, group: 'one' }];
    const { test: held, train } = splitRows(joined, { dev: 0, test: 0 }, wereTest);
    expect(questions(held)).toContain(trained.messages[0]?.content);
    expect(questions(train)).not.toContain(tested.messages[0]?.content);
  });

  test('rows that a new row joins to another group are counted as moved', () => {
    const groups = Array.from({ length: 40 }, (_, i) => row(`Question ${i}`, `patient ${i}`));
    expect(splitRows(groups, shares).num_moved).toBe(0);
    // A row of every patient asks the same: all are one group now.
    const joined = splitRows([...groups, ...groups.map((_, i) => row('The same', `patient ${i}`))], shares);
    expect(joined.num_moved).toBeGreaterThan(0);
    expect([joined.train, joined.dev, joined.test].filter((side) => side.length > 0)).toHaveLength(1);
  });
});

describe('what is one question', () => {
  test.each([
    ['case and spaces', ' what  IS it'],
    ['a full stop', 'What is it.'],
    ['a question mark and spaces', 'What is it ?  '],
    ['a zero-width space', 'What\u200B is it'],
    ['a soft hyphen and a byte order mark', '\uFEFFWhat is\u00AD it'],
    ['a courtesy', 'Please: what is it'],
    ['a full-width form', '\uFF37hat is it'],
  ])('%s makes no other one', (_, asked) => {
    expect(promptKey(row(asked))).toBe(promptKey(row('What is it')));
    expect(sharedRows([row(asked)], [row('Other'), row('What is it')])).toEqual([{ row: 1, other: 2 }]);
  });

  test.each(['What was it', 'What is it not', 'Pleased: what is it', '?!'])('%s is another one', (asked) => {
    expect(promptKey(row(asked))).not.toBe(promptKey(row('What is it')));
  });

  test('digits and punctuation inside make a near-duplicate', () => {
    const pairs = nearDuplicates([row('Ticket 12: no light'), row('Ticket 12: no power')], [row('ticket 13 — no light!')]);
    expect(pairs).toEqual([{ row: 1, other: 1 }]);
    expect(sharedRows([row('Ticket 12: no light')], [row('ticket 13 — no light!')])).toEqual([]);
  });
});

test('near-duplicates of pairs and of labelled answers count their answers', () => {
  const asked = [{ role: 'user' as const, content: 'Q' }];
  const said = (content: string) => [{ role: 'assistant' as const, content }];
  const pair = { prompt: asked, chosen: said('good 1'), rejected: said('bad') };
  expect(nearDuplicates([pair], [{ ...pair, chosen: said('good 2') }])).toHaveLength(1);
  expect(nearDuplicates([pair], [{ ...pair, chosen: said('other') }])).toEqual([]);
  const labelled = { prompt: asked, completion: said('yes'), label: true };
  expect(nearDuplicates([labelled], [{ ...labelled, completion: said('no') }])).toEqual([]);
  expect(nearDuplicates([{ prompt: asked }], [{ prompt: asked }])).toHaveLength(1);
  expect(nearDuplicates([{ prompt: asked }], [{ prompt: said('Q') }])).toEqual([]);
});

test('a prompt of two questions is not that of one', () => {
  const two = (...contents: string[]): Row => ({ messages: contents.map((content) => ({ role: 'user', content })) });
  expect(promptKey(two('ab', 'c'))).not.toBe(promptKey(two('abc')));
  expect(promptKey(two('a', 'bc'))).not.toBe(promptKey(two('ab', 'c')));
});

describe('the groups of test rows', () => {
  test('repeated prompts count once, whatever stands after them, and rows keep their order', () => {
    const spaced = Array.from({ length: 30 }, (_, i) => row(`Prompt ${i % 3}${' '.repeat(i % 10)}`));
    const grouped = groupedTest(spaced);
    expect(new Set(grouped.map(({ group }) => group)).size).toBe(3);
    expect(questions(grouped)).toEqual(questions(spaced));
    expect(groupedTest(grouped)).toEqual(grouped);
  });

  test('group-splits-prompt: a column that puts one prompt into two groups is refused, with the rows', () => {
    expect(() => groupedTest([row('A', 'one'), row('B', 'two'), row('a.', 'two')])).toThrow(
      /1 prompt of the test rows[\s\S]*test row 1, group one\n {2}test row 3, group two/,
    );
  });

  test('a row without a group joins the group of its prompt', () => {
    expect(groupedTest([row('A', 'one'), row('A')]).map(({ group }) => group)).toEqual(['one', 'one']);
  });
});
