/** How much better one answer of a pair is: votes, margins, scores and ties, in JSON lines and in cells. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readRows } from '../src/data/read-rows.js';
import { failure } from './support/failure.js';

const folder = mkdtempSync(join(tmpdir(), 'slipway-margins-'));
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const lines = (...values: unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
const [chosen, rejected] = [[{ role: 'assistant', content: 'good' }], [{ role: 'assistant', content: 'bad' }]];
const prompt = [{ role: 'user', content: 'Q' }];
const pairs = (name: string, text: string) => readRows(file(name, text), 'preference');

test('votes of Slipway’s own comparisons, and by how much an answer is better', async () => {
  const votes = ['a', 'b'].map((vote) => ({ prompt: 'Q', answer_a: 'good', answer_b: 'bad', vote, voter: 'ann' }));
  expect(await pairs('votes.jsonl', lines(...votes))).toMatchObject({
    format: 'votes',
    rows: [
      { prompt, chosen, rejected },
      { prompt, chosen: rejected, rejected: chosen },
    ],
  });
  const read = await pairs(
    'scores.jsonl',
    lines({ prompt: 'Q', chosen: 'good', rejected: 'bad', margin: 1.5, score_chosen: 8, score_rejected: 3 }),
  );
  expect(read.rows).toEqual([{ prompt, chosen, rejected, margin: 1.5 }]);
});

test('a tie has no better answer, and a worse answer with the higher score is not the worse one', async () => {
  const ties = [
    { prompt: 'Q', chosen: 'good', rejected: 'bad', tie: true },
    { prompt: 'Q', chosen: 'good', rejected: 'bad', score_chosen: 5, score_rejected: 5 },
    { prompt: 'Q', chosen: 'good', rejected: 'bad', score_chosen: 4, score_rejected: 5 },
    { prompt: 'Q', chosen: 'good', rejected: 'bad', margin: 'much' },
  ];
  const { message } = await failure(() => pairs('ties.jsonl', lines(...ties)));
  expect(message).toMatch(/ties\.jsonl:1: tie: a tie has no better answer/);
  expect(message).toMatch(/ties\.jsonl:2: score_rejected: equals score_chosen: a tie has no better answer/);
  expect(message).toMatch(/ties\.jsonl:3: score_rejected: is higher than score_chosen/);
  expect(message).toMatch(/ties\.jsonl:4: margin: must be a number/);
  const vote = { prompt: 'Q', answer_a: 'good', answer_b: 'bad', vote: 'tie' };
  expect((await failure(() => pairs('tie.jsonl', lines(vote)))).message).toContain('tie.jsonl:1: vote: a tie');
});

test('cells of a CSV that say how much better an answer is', async () => {
  const text =
    'prompt,chosen,rejected,margin,tie,score_chosen,score_rejected\nQ,good,bad,1.5,false,8,3\nR,good,bad,,,,\nS,good,bad,2,TRUE,4,4\n';
  const { message } = await failure(() => pairs('margins.csv', text));
  expect(message.split('\n').slice(1)).toEqual([
    expect.stringMatching(/margins\.csv:4: tie: a tie has no better answer/),
    expect.stringMatching(/margins\.csv:4: score_rejected: equals score_chosen/),
  ]);
  const { rows } = await pairs('margins-2.csv', text.split('\n').slice(0, 3).join('\n'));
  expect(rows.map((pair) => 'margin' in pair && pair.margin)).toEqual([1.5, false]);
});
