import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ComparedRow, Message } from '../../protocol/row.js';
import { metricValues } from '../verdict/metric-values.js';
import { gatherRewards, unrewardedId } from './gather-rewards.js';
import { exampleId, type Measuring } from './measuring.js';
import { openRecorder } from './recorder.js';

const rows: ComparedRow[] = ['one', 'two'].map((question) => ({
  messages: [
    { role: 'user', content: question },
    { role: 'assistant', content: 'reference' },
  ],
}));
const candidate = { name: 'tuned', model: 'tuned', identity: 'i', system: 'Be good.', examples: [] } as never;

test('an answer is scored after the row’s own prompt, whatever else was not measured of the row, and one that is refused says so', async () => {
  const asked: Message[][] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const { input } = JSON.parse(body) as { input: { messages: Message[] }[] };
      asked.push(...input.map(({ messages }) => messages));
      const isRefused = input.some(({ messages }) => messages[0]?.content === 'two');
      response.writeHead(isRefused ? 400 : 200, { 'content-type': 'application/json' });
      // Another order than that of the request.
      const data = [1, 0].map((index) => ({ index, score: input[index]?.messages.at(-1)?.content === 'reference' ? 0 : Math.log(3) }));
      response.end(isRefused ? 'too long' : JSON.stringify({ data }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = { base_url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, model: 'rm' };
  const served = { endpoint, model: { id: 'rm', object: 'model' as const, created: 0, owned_by: 'x' }, base: null };
  const recorder = openRecorder({
    file: join(mkdtempSync(join(tmpdir(), 'slipway-rewards-')), 'evidence.jsonl'),
    gate_sha256: 'gate',
    channel: 'measured',
  });
  for (const row of rows) {
    const line = { example_id: exampleId(row), group: exampleId(row), repeat: 0 };
    const counts = { finish_reason: 'stop', prompt_tokens: 1, completion_tokens: 1, duration_ms: 1 };
    recorder.add('answer', candidate, null, { ...line, answer: 'own', scores: {}, ...counts });
    recorder.add('not-measured', candidate, null, { ...line, what: 'which answer of a pair it prefers', reason: 'too long' });
  }
  const measuring = { rows, recorder, shouldStop: () => false, onProgress: () => undefined } as unknown as Measuring;
  const gather = () => gatherRewards([candidate], measuring, { served, artifact_sha256: 'm' });
  await gather();
  const numAsked = asked.length;
  await gather();
  server.close();
  expect(metricValues('reward_win_rate', recorder.lines(), 'tuned').map(({ value }) => value)).toEqual([expect.closeTo(0.75, 12)]);
  expect(recorder.has('not-measured', candidate, unrewardedId(exampleId(rows[1] as ComparedRow)))).toBe(true);
  expect(asked[0]).toEqual([
    { role: 'user', content: 'one' },
    { role: 'assistant', content: 'own' },
  ]);
  expect([numAsked, asked.length]).toEqual([4, 4]);
});
