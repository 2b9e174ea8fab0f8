import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Row } from '../../protocol/row.js';
import { gatherAnswers } from './gather-answers.js';
import { gatherTimings } from './gather-timings.js';
import type { Measuring } from './measuring.js';
import { openRecorder } from './recorder.js';

const rows: Row[] = Array.from({ length: 12 }, (_, index) => ({
  messages: [
    { role: 'user', content: `Say ${index}` },
    { role: 'assistant', content: `said ${index}` },
  ],
}));

interface Asked {
  stream?: boolean;
  max_tokens: number;
  cache_prompt?: boolean;
  messages: { content: string }[];
}

/** Timings and answers from an endpoint that answers in pieces when it is asked to. */
async function gathered(say: (question: string) => string, loads: number[] = []) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const body = JSON.parse(text) as Asked;
    asked.push(body);
    const content = say(body.messages.at(-1)?.content ?? '');
    const usage = { prompt_tokens: 3, completion_tokens: 2 };
    if (!body.stream) return response.end(JSON.stringify({ choices: [{ message: { content }, finish_reason: 'stop' }], usage }));
    const send = (value: object) => response.write(`data: ${JSON.stringify(value)}\n\n`);
    for (const piece of content ? content.split(/(?= )/) : []) send({ choices: [{ delta: { content: piece }, finish_reason: null }] });
    send({ choices: [{ delta: {}, finish_reason: 'length' }] });
    send({ choices: [], usage });
    response.end('data: [DONE]\n\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = { base_url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, model: 'remote' };
  const file = join(mkdtempSync(join(tmpdir(), 'slipway-timings-')), 'evidence.jsonl');
  const recorder = openRecorder({ file, gate_sha256: 'gate', channel: 'measured' });
  const model = { id: 'remote', object: 'model' as const, created: 0, owned_by: 'x' };
  const measuring = {
    gate: { metric: 'exact_match' },
    rows,
    servedOf: () => ({ endpoint, model, base: null }),
    recorder,
    concurrency: 1,
    shouldStop: () => false,
    onProgress: () => undefined,
  } as unknown as Measuring;
  const decoding = { temperature: 0, max_tokens: 50 };
  const candidate = { name: 'remote', model: 'remote', identity: 'i', system: null, examples: [], decoding } as never;
  await gatherTimings([candidate], measuring, () => () => loads.shift() ?? 0);
  await gatherAnswers([candidate], measuring);
  server.close();
  const lines = recorder.lines();
  return { asked, timings: lines.filter(({ kind }) => kind === 'timing'), answers: lines.filter((line) => line.kind === 'answer') };
}

test('an answer that was timed is not asked for again', async () => {
  const { asked, timings, answers } = await gathered((question) => question.replace('Say', 'said'));
  expect(timings).toHaveLength(12);
  expect(answers.map(({ answer }) => answer)).toEqual(rows.map((_, index) => `said ${index}`));
  expect(answers.map(({ finish_reason }) => finish_reason)).toEqual([...Array(10).fill('length'), 'stop', 'stop']);
  expect(asked.map(({ stream }) => stream ?? false)).toEqual([...Array(12).fill(true), false, false]);
});

test('of a cold prompt no more is asked for than its first tokens', async () => {
  const { asked } = await gathered(() => 'yes');
  const cold = asked.filter(({ cache_prompt }) => cache_prompt === false);
  expect(cold.map(({ max_tokens }) => max_tokens)).toEqual([8, 8]);
  expect(asked.filter((one) => !cold.includes(one)).every(({ max_tokens }) => max_tokens === 50)).toBe(true);
});

test('an empty answer has a time and is an answer', async () => {
  const { timings, answers } = await gathered(() => '');
  expect([timings.length, answers.length]).toEqual([12, 12]);
  for (const line of timings) expect(line).toMatchObject({ decode_ms: 0 });
});

test('a row that other programs have disturbed is timed again, twice at most, after the others', async () => {
  // The first cold row, then the first two warm ones; the first warm one stays disturbed.
  const { asked, timings, answers } = await gathered(() => 'yes', [0.9, 0, 0.8, 0.6, ...Array(8).fill(0), 0.1, 0.7, 0.2, 0.5]);
  expect(asked.filter(({ stream }) => stream)).toHaveLength(12 + 3 + 1);
  const ofRow = (index: number) =>
    timings.filter((line) => line.kind === 'timing' && line.example_id === timings[index]?.example_id && !line.is_cold);
  expect(ofRow(2).map((line) => line.kind === 'timing' && [line.repeat, line.other_cores])).toEqual([
    [0, 0.8],
    [2, 0.7],
    [4, 0.5],
  ]);
  expect(ofRow(3).map((line) => line.kind === 'timing' && line.other_cores)).toEqual([0.6, 0.2]);
  expect(answers).toHaveLength(12);
});
