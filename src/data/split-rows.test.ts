import { describe, expect, test } from 'vitest';
import type { Row } from '../protocol/row.js';
import { groupsOf, splitRows } from './split-rows.js';

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
