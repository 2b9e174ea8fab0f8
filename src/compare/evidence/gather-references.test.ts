import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Row } from '../../protocol/row.js';
import { timeChat } from './ask.js';
import { gatherReferences } from './gather-references.js';
import type { Measuring } from './measuring.js';
import { openRecorder } from './recorder.js';

const rows: Row[] = ['one', 'two', '你好 😀', 'four'].map((answer) => ({
  messages: [
    { role: 'user', content: `Say ${answer}` },
    { role: 'assistant', content: answer },
  ],
  group: answer,
}));

/** Scores each character of Unicode as one token, as a server in Python counts them. */
function scored(prompt: string) {
  const tokens = [...prompt];
  const token_logprobs = tokens.map((_, index) => (index === 0 ? null : -index));
  return { choices: [{ logprobs: { tokens, token_logprobs, text_offset: tokens.map((_, index) => index) } }] };
}

/** @param answer what the server says to the n-th request for a prompt: a status, or a body */
async function gathered(answer: (prompt: string, asked: number) => number | object) {
  const asked = new Map<string, number>();
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const { prompt } = JSON.parse(body) as { prompt: string };
      asked.set(prompt, (asked.get(prompt) ?? 0) + 1);
      const said = answer(prompt, asked.get(prompt) as number);
      response.writeHead(typeof said === 'number' ? said : 200, { 'content-type': 'application/json', 'retry-after': '0.05' });
      response.end(JSON.stringify(said));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = { base_url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, model: 'remote' };
  const model = { id: 'remote', object: 'model' as const, created: 0, owned_by: 'x', chat_template: '{{ messages[0].content }}: ' };
  const recorder = openRecorder({
    file: join(mkdtempSync(join(tmpdir(), 'slipway-references-')), 'evidence.jsonl'),
    gate_sha256: 'gate',
    channel: 'measured',
  });
  const measuring = { rows, servedOf: () => ({ endpoint, model, base: null }), recorder, concurrency: 1 };
  await gatherReferences([{ name: 'remote', model: 'remote', identity: 'i', system: null, examples: [] } as never], {
    ...measuring,
    shouldStop: () => false,
    onProgress: () => undefined,
  } as unknown as Measuring);
  server.close();
  return { lines: recorder.lines(), numAsked: [...asked.values()].reduce((sum, count) => sum + count, 0) };
}

test('only tokens of the answer count, whatever characters the prompt has', async () => {
  const { lines } = await gathered(scored);
  const logprobs = lines.map((line) => (line.kind === 'reference' ? line.token_logprobs.length : 0));
  expect(logprobs).toEqual([3, 3, 4, 4]);
  const [first] = lines;
  expect(first).toMatchObject({ token_logprobs: [-9, -10, -11], logprob: -10 });
});

test('a row that cannot be scored is one row that was not measured, and the others are', async () => {
  const { lines } = await gathered((prompt) => (prompt.includes('two') ? 400 : scored(prompt)));
  expect(lines.map(({ kind }) => kind)).toEqual(['reference', 'not-measured', 'reference', 'reference']);
  expect(lines[1]).toMatchObject({ reason: 'the endpoint answered 400', what: 'the likelihood of the reference answers' });
});

test('an endpoint that cannot score is asked once', async () => {
  const { lines, numAsked } = await gathered(() => 404);
  expect([lines.length, numAsked]).toEqual([1, 1]);
});

test('a busy endpoint is waited for', async () => {
  const { lines, numAsked } = await gathered((prompt, asked) => (asked < 3 ? 429 : scored(prompt)));
  expect([lines.map(({ kind }) => kind), numAsked]).toEqual([['reference', 'reference', 'reference', 'reference'], 12]);
});

test('the time that a busy endpoint was waited for is no part of a measured time', async () => {
  let numAsked = 0;
  const server = createServer((_, response) => {
    if (++numAsked === 1) return response.writeHead(429, { 'retry-after': '1' }).end();
    response.write(`data: ${JSON.stringify({ choices: [{ delta: { content: 'Yes' }, finish_reason: 'stop' }] })}\n\n`);
    response.end(`data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } })}\n\ndata: [DONE]\n\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = { base_url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, model: 'remote' };
  const began = performance.now();
  const timed = await timeChat(endpoint, { model: 'remote', decoding: { temperature: 0, max_tokens: 1 } } as never, [], false);
  const waited = performance.now() - began;
  server.close();
  // All of it took the second that was waited, and what was timed did not.
  expect(waited - (timed?.answer.duration_ms ?? 0)).toBeGreaterThan(990);
});
