import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ComparedRow } from '../../protocol/row.js';
import { metricValues } from '../verdict/metric-values.js';
import { gatherPreferences } from './gather-preferences.js';
import type { Measuring } from './measuring.js';
import { openRecorder } from './recorder.js';

const pairRow = (question: string, better: string, worse: string): ComparedRow => {
  const prompt = [{ role: 'user' as const, content: question }];
  const ending = (content: string) => [...prompt, { role: 'assistant' as const, content }];
  return { messages: ending(better), rejected: ending(worse), group: question };
};
const rows = [
  pairRow('one', 'aa', 'bbbb'),
  pairRow('two', 'bb', 'aaaa'),
  pairRow('three', 'ab', 'ba'),
  pairRow('three', 'ab', 'bb'),
  { messages: pairRow('four', 'a', 'b').messages },
];

/** One token a character; an `a` is likelier than a `b`. */
function scored(prompt: string) {
  const tokens = [...prompt];
  const token_logprobs = tokens.map((token, index) => (index === 0 ? null : token === 'a' ? -1 : -2));
  return { choices: [{ logprobs: { tokens, token_logprobs, text_offset: tokens.map((_, index) => index) } }] };
}

async function gathered(answer: (prompt: string) => number | object) {
  let numAsked = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      numAsked++;
      const said = answer((JSON.parse(body) as { prompt: string }).prompt);
      response.writeHead(typeof said === 'number' ? said : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(said));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = { base_url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, model: 'remote' };
  const model = { id: 'remote', object: 'model' as const, created: 0, owned_by: 'x', chat_template: '{{ messages[0].content }}: ' };
  const file = join(mkdtempSync(join(tmpdir(), 'slipway-preferences-')), 'evidence.jsonl');
  const recorder = openRecorder({ file, gate_sha256: 'gate', channel: 'measured' });
  const candidate = { name: 'remote', model: 'remote', identity: 'i', system: null, examples: [] } as never;
  const measuring = { rows, servedOf: () => ({ endpoint, model, base: null }), recorder, concurrency: 1 };
  const gather = () =>
    gatherPreferences([candidate], { ...measuring, shouldStop: () => false, onProgress: () => undefined } as unknown as Measuring);
  await gather();
  const first = numAsked;
  await gather();
  server.close();
  return { lines: recorder.lines(), asked: [first, numAsked] };
}

test('a pair counts when its better answer is the likelier one a token; rows without a worse answer are passed over', async () => {
  const { lines, asked } = await gathered(scored);
  // The longer answer is not the less likely one, and equal ones are no preference.
  expect(metricValues('preference_accuracy', lines, 'remote').map(({ value }) => value)).toEqual([1, 0, 0, 1]);
  expect(lines[1]).toMatchObject({
    chosen_token_logprobs: [-2, -2],
    rejected_token_logprobs: [-1, -1, -1, -1],
    chosen_logprob: -2,
    rejected_logprob: -1,
  });
  expect(asked).toEqual([8, 8]);
});

test('a pair that cannot be scored is one that was not measured, and an endpoint that cannot score is asked once', async () => {
  const { lines } = await gathered((prompt) => (prompt.includes('aaaa') ? 400 : scored(prompt)));
  expect(lines.map(({ kind }) => kind)).toEqual(['preference', 'not-measured', 'preference', 'preference']);
  const unable = await gathered(() => 404);
  expect(unable.lines.map((line) => line.kind === 'not-measured' && line.example_id)).toEqual(['preferences']);
  expect(unable.asked).toEqual([2, 2]);
});
