import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gatherLikelihoods } from './gather-likelihoods.js';
import type { Measuring } from './measuring.js';
import { openRecorder } from './recorder.js';

test('an endpoint that answers but cannot score gives one line: not measured', async () => {
  const server = createServer((request, response) => {
    const isChat = request.url?.endsWith('/chat/completions');
    response.writeHead(isChat ? 200 : 404, { 'content-type': 'application/json' });
    const usage = { prompt_tokens: 3, completion_tokens: 1 };
    response.end(JSON.stringify(isChat ? { choices: [{ message: { content: 'Yes.' }, finish_reason: 'stop' }], usage } : {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = { base_url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, model: 'remote' };
  const model = { id: 'remote', object: 'model' as const, created: 0, owned_by: 'x', chat_template: '{{ messages[0].content }}' };
  const recorder = openRecorder({
    file: join(mkdtempSync(join(tmpdir(), 'slipway-score-')), 'evidence.jsonl'),
    gate_sha256: 'gate',
    channel: 'measured',
  });
  const challenger = { name: 'tuned', model: 'remote', identity: 'i' } as never;
  await gatherLikelihoods(challenger, {
    servedOf: () => ({ endpoint, model, base: model }),
    recorder,
    concurrency: 2,
    shouldStop: () => false,
    onProgress: () => undefined,
  } as unknown as Measuring);
  server.close();
  expect(recorder.lines()).toMatchObject([{ kind: 'not-measured', what: 'forgetting', reason: 'the endpoint does not score given text' }]);
});
