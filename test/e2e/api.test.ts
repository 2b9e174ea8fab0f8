/** The OpenAI-compatible server on real weights, over real HTTP. */
import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONNECTION_LIMITS } from '../../src/http/connection-limits.js';
import { type RunningServer, randomApiKey } from '../../src/run/api/start-server.js';
import { startEngine } from '../../src/run/engine/engine.js';
import { serveModels } from '../../src/run/serve-models.js';
import { adminTokenFile, modelFiles } from '../../src/store/home.js';
import { GREEDY } from '../support/greedy.js';
import { testHome, testModel } from '../support/home.js';
import { mutated, randomOf } from '../support/mutations.js';
import { spawnSlipway } from '../support/slipway.js';

const MODEL = 'smollm2-135m-instruct';
let server: RunningServer;
beforeAll(async () => {
  server = await serveModels(testHome, {
    model_folder: await testModel(),
    runs: [],
    port: 0,
    api_key: null,
    num_engines: 1,
    num_threads: 1,
    context_length: 512,
    onProgress: () => undefined,
  });
});
afterAll(() => server.close());

const post = (route: string, body: object, headers: Record<string, string> = {}) =>
  fetch(`${server.base_url}/${route}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
// biome-ignore lint/suspicious/noExplicitAny: answers are checked field by field
const ask = async (route: string, body: object): Promise<any> => (await post(route, { model: MODEL, temperature: 0, ...body })).json();
const messages = [{ role: 'user', content: 'Name three colours, and say in one sentence each why people like them.' }];

describe('chat completions', () => {
  test('answer greedily, the same whether the prompt’s beginning was in the cache or not', async () => {
    const first = await ask('chat/completions', { messages, max_tokens: 12 });
    const second = await ask('chat/completions', { messages, max_tokens: 12 });
    expect(first).toMatchObject({
      object: 'chat.completion',
      model: MODEL,
      choices: [{ message: { role: 'assistant' }, finish_reason: 'length' }],
    });
    expect(second.choices[0].message).toEqual(first.choices[0].message);
    expect(second.usage.prompt_tokens_details.cached_tokens).toBe(32);
    const anew = await ask('chat/completions', { messages, max_tokens: 12, cache_prompt: false });
    expect(anew.usage.prompt_tokens_details.cached_tokens).toBe(0);
    expect(anew.choices[0].message).toEqual(first.choices[0].message);
  });

  test('stream the same text in pieces, with usage and an end', async () => {
    const whole = await ask('chat/completions', { messages, max_tokens: 12 });
    const text = await (
      await post('chat/completions', {
        model: MODEL,
        messages,
        max_tokens: 12,
        temperature: 0,
        stream: true,
        stream_options: { include_usage: true },
      })
    ).text();
    const lines = text
      .split('\n\n')
      .filter(Boolean)
      .map((line) => line.replace(/^data: /, ''));
    expect(lines.at(-1)).toBe('[DONE]');
    const chunks = lines.slice(0, -1).map((line) => JSON.parse(line));
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(whole.choices[0].message.content);
    expect(chunks.at(-1).usage).toMatchObject({ completion_tokens: 12 });
  });

  test('hold an answer to a JSON schema, and stop when it is complete', async () => {
    const schema = {
      type: 'object',
      properties: {
        colour: { enum: ['red', 'green'] },
        day: { anyOf: [{ type: 'string', format: 'date' }, { type: 'null' }] },
        name: { type: ['string', 'null'] },
      },
      required: ['colour', 'day', 'name'],
      additionalProperties: false,
    };
    const answer = await ask('chat/completions', {
      messages,
      max_tokens: 80,
      response_format: { type: 'json_schema', json_schema: { name: 'x', schema } },
    });
    const record = JSON.parse(answer.choices[0].message.content);
    expect(Object.keys(record)).toEqual(['colour', 'day', 'name']);
    expect(['red', 'green']).toContain(record.colour);
    expect(answer.choices[0].finish_reason).toBe('stop');
  });

  test('end at a stop text, which is not part of the answer', async () => {
    const answer = await ask('chat/completions', { messages, max_tokens: 40, stop: ['e'] });
    expect(answer.choices[0]).toMatchObject({ finish_reason: 'stop' });
    expect(answer.choices[0].message.content).not.toContain('e');
  });

  test('a client that leaves ends the generation', async () => {
    const controller = new AbortController();
    const response = await fetch(`${server.base_url}/chat/completions`, {
      method: 'POST',
      signal: controller.signal,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: MODEL,
        messages: [{ role: 'user', content: 'Count to a hundred.' }],
        max_tokens: 400,
        temperature: 0,
        stream: true,
      }),
    });
    await response.body?.getReader().read();
    controller.abort();
    const started = performance.now();
    await ask('chat/completions', { messages, max_tokens: 1 });
    // 400 tokens take four seconds and more on one thread; the next request did not wait for them.
    expect(performance.now() - started).toBeLessThan(3500);
  });
});

test('an engine that is closed while it answers takes no request to stop any more, and nothing breaks', async () => {
  const engine = await startEngine({ gguf: modelFiles(await testModel()).gguf, num_threads: 1, context_length: 512 });
  await engine.addContext('base', null);
  const leaving = new AbortController();
  const token_ids = await engine.tokenize('Once upon a time');
  const asked = engine.generate({ ...GREEDY, context: 'base', token_ids, max_tokens: 400 }, undefined, leaving.signal);
  const ended = asked.then(
    () => 'answered',
    () => 'gone',
  );
  const closing = engine.close();
  leaving.abort();
  await closing;
  expect(await ended).toBe('gone');
});

describe('completions', () => {
  test('score a given text: echo and logprobs, the first token without one', async () => {
    const prompt = 'The capital of France is Paris';
    const { choices } = await ask('completions', { prompt, max_tokens: 0, echo: true, logprobs: 1 });
    const { tokens, token_logprobs, text_offset } = choices[0].logprobs;
    expect(tokens.join('')).toBe(prompt);
    expect(token_logprobs[0]).toBeNull();
    expect(token_logprobs.slice(1).every((value: number) => value < 0)).toBe(true);
    expect(text_offset).toEqual([0, 3, 11, 14, 21, 24]);
    const [wrong] = (await ask('completions', { prompt: 'The capital of France is banana', max_tokens: 0, echo: true, logprobs: 1 }))
      .choices;
    expect(token_logprobs[5]).toBeGreaterThan(wrong.logprobs.token_logprobs[5]);
  });

  test('characters of several bytes: a token with a part of one begins where it does', async () => {
    const [prompt, answer] = ['说说 😀 ', '你好世界'];
    const { choices } = await ask('completions', { prompt: prompt + answer, max_tokens: 0, echo: true, logprobs: 1 });
    const { tokens, text_offset } = choices[0].logprobs as { tokens: string[]; text_offset: number[] };
    // SmolLM2 writes such a character in two or three tokens.
    const characters = [...(prompt + answer)].length;
    expect(tokens.length).toBeGreaterThan(characters);
    expect(text_offset).toEqual([...text_offset].sort((a, b) => a - b));
    expect(text_offset.at(-1)).toBe(characters - 1);
    const ofAnswer = text_offset.filter((offset) => offset >= [...prompt].length);
    expect([...new Set(ofAnswer)]).toEqual([5, 6, 7, 8]);
    const alone = await ask('completions', { prompt: answer, max_tokens: 0, echo: true, logprobs: 1 });
    expect(ofAnswer).toHaveLength(alone.choices[0].logprobs.tokens.length);
  });

  test('go on from a prompt', async () => {
    const { choices, usage } = await ask('completions', { prompt: 'One, two, three,', max_tokens: 4 });
    expect(choices[0].text).toContain('four');
    expect(usage.completion_tokens).toBe(4);
  });
});

describe('what is refused', () => {
  const refused = async (route: string, body: object) => {
    const response = await post(route, { model: MODEL, ...body });
    return { status: response.status, ...((await response.json()) as { error: { code: string; message: string } }).error };
  };

  test('prompt-too-long, with the numbers, and never cut', async () => {
    const error = await refused('chat/completions', { messages: [{ role: 'user', content: 'word '.repeat(600) }], max_tokens: 10 });
    expect(error).toMatchObject({ status: 400, code: 'prompt-too-long' });
    expect(error.message).toMatch(/has 6\d\d tokens and max_tokens is 10, the context holds 512/);
  });

  test.each([
    [{ messages: [] }, 'messages'],
    [{ messages, store: true }, 'store: not supported: nothing is stored here'],
    [{ messages, functions: [{ name: 'a' }] }, 'functions: not supported: use tools'],
    [{ messages, n: 9 }, 'n: '],
    [{ messages, logit_bias: { 5: 1 } }, 'logit_bias: not supported'],
    [{ messages, top_logprobs: 2 }, 'top_logprobs: needs logprobs'],
    [{ messages, nonsense: 1 }, 'not supported: nonsense'],
    [{ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:' } }] }] }, 'image_url is not supported'],
    [{ messages, tools: [{ type: 'function', function: { name: 'look' } }] }, 'has no place for tools'],
    [{ messages, tool_choice: 'required' }, 'there are no tools'],
    [{ messages, temperature: 9 }, 'temperature'],
    [
      {
        messages,
        response_format: {
          type: 'json_schema',
          json_schema: { schema: { type: 'object', properties: { a: { type: 'string', pattern: 'x' } } } },
        },
      },
      '`pattern` cannot be enforced',
    ],
  ])('request-invalid: %j', async (body, text) => {
    const error = await refused('chat/completions', body);
    expect(error).toMatchObject({ status: 400, code: 'request-invalid' });
    expect(error.message).toContain(text);
  });

  test('model-not-found and route-not-found say what there is', async () => {
    expect(await refused('chat/completions', { model: 'gpt-17', messages })).toMatchObject({
      status: 404,
      code: 'model-not-found',
      message: expect.stringContaining(MODEL),
    });
    expect(await refused('nonsense', {})).toMatchObject({ status: 404, code: 'route-not-found' });
  });

  test('host-forbidden: a name that a web page gave to 127.0.0.1', async () => {
    const answer = await new Promise<string>((resolve) => {
      const asked = request({ host: '127.0.0.1', port: server.port, path: '/v1/models', headers: { host: 'evil.example' } }, (response) => {
        let body = `${response.statusCode} `;
        response.on('data', (chunk: Buffer) => {
          body += chunk.toString();
        });
        response.on('end', () => resolve(body));
      });
      asked.end();
    });
    expect(answer).toMatch(/^403 /);
    expect(JSON.parse(answer.slice(4))).toMatchObject({ error: { code: 'host-forbidden' } });
  });

  test('unauthorized: what changes something wants the token, on this machine too', async () => {
    const stop = (headers: Record<string, string>) => fetch(`http://127.0.0.1:${server.port}/admin/stop`, { method: 'POST', headers });
    const refusal = await stop({});
    expect(refusal.status).toBe(401);
    expect(await refusal.json()).toMatchObject({ error: { code: 'unauthorized' } });
    expect((await stop({ authorization: 'Bearer wrong' })).status).toBe(401);
    const token = readFileSync(adminTokenFile(testHome), 'utf8');
    const killed: string[] = [];
    const kill = process.kill;
    process.kill = ((_pid: number, signal: string) => killed.push(signal)) as never;
    expect((await stop({ authorization: `Bearer ${token}` })).status).toBe(200);
    await new Promise((resolve) => setImmediate(resolve));
    process.kill = kill;
    expect(killed).toEqual(['SIGTERM']);
  });

  test('the list of models names what answers', async () => {
    const { data } = (await (await fetch(`${server.base_url}/models`)).json()) as { data: object[] };
    expect(data).toMatchObject([{ id: MODEL, parent: null, facts: { quantization: 'Q4_1', num_threads: 1, context_length: 512 } }]);
  });
});

test('a server with a key answers nobody without it, and says so in the shape that clients know', async () => {
  const api_key = randomApiKey();
  const locked = await serveModels(testHome, {
    model_folder: await testModel(),
    runs: [],
    port: 0,
    api_key,
    num_engines: 1,
    num_threads: 1,
    context_length: 256,
    onProgress: () => undefined,
  });
  try {
    for (const [authorization, status] of [
      [undefined, 401],
      ['Bearer sk-other', 401],
      [`Bearer ${api_key}`, 200],
    ] as const) {
      const response = await fetch(`${locked.base_url}/models`, { headers: authorization ? { authorization } : {} });
      expect([authorization, response.status]).toEqual([authorization, status]);
      if (status === 401) expect(await response.json()).toMatchObject({ error: { code: 'api-key-wrong', type: 'invalid_request_error' } });
    }
  } finally {
    await locked.close();
  }
});

describe('no request ends the engine', () => {
  const said = { model: MODEL, messages: [{ role: 'user', content: 'Hello' }], max_tokens: 4, temperature: 0 };
  const schemaOf = (schema: object) => ({ ...said, response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } });
  const many = Array.from({ length: 20_000 }, (_, n) => `value ${n}`);
  let deep: object = { type: 'string' };
  for (let depth = 0; depth < 40; depth++) deep = { type: 'array', items: deep };

  test.each<[string, object]>([
    ['a NUL in a choice', { ...said, structured_outputs: { choice: ['a\u0000b', 'c'] } }],
    ['a backspace in a choice', { ...said, structured_outputs: { choice: ['a\bb', 'c\f'] } }],
    ['20,000 values', schemaOf({ enum: many })],
    ['20,000 alternatives', schemaOf({ anyOf: many.map((value) => ({ const: value })) })],
    ['20,000 properties', schemaOf({ type: 'object', properties: Object.fromEntries(many.map((name) => [name, { type: 'string' }])) })],
    ['a list of a million', schemaOf({ type: 'array', items: { type: 'string' }, minItems: 1_000_000 })],
    ['a list of at most a million', schemaOf({ type: 'array', items: { type: 'string' }, maxItems: 1_000_000 })],
    ['a NUL in a name', schemaOf({ type: 'object', properties: { 'a\u0000': { type: 'string' } } })],
    ['a NUL in a constant', schemaOf({ const: '\u0000' })],
    ['a schema without an end', schemaOf(deep)],
    ['no alternatives', schemaOf({ enum: [] })],
  ])('%s is refused with its limit', async (_, body) => {
    const response = await post('chat/completions', body);
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    expect([response.status, error.code]).toEqual([400, 'request-invalid']);
    expect(error.message).not.toMatch(/node_modules|\.js:|at \w+ \(/);
  });

  test.each<[string, object]>([
    ['a NUL in a message', { ...said, messages: [{ role: 'user', content: 'a\u0000b' }] }],
    ['a NUL in a stop', { ...said, stop: ['\u0000'] }],
    ['every escape in a choice', { ...said, structured_outputs: { choice: ['a"\\\n\t\r/é💡', '|::=[]'] } }],
    ['a thousand choices', { ...said, structured_outputs: { choice: many.slice(0, 1000) } }],
    ['a list of a thousand', schemaOf({ type: 'array', items: { type: 'integer' }, maxItems: 1000 })],
    ['half a character', { ...said, messages: [{ role: 'user', content: '\ud83d' }] }],
  ])('%s is answered, and so is the request after it', async (_, body) => {
    const response = await post('chat/completions', body);
    expect([response.status, await response.text()]).toEqual([
      expect.toSatisfy((status) => status === 200 || status === 400),
      expect.any(String),
    ]);
    expect((await post('chat/completions', said)).status).toBe(200);
  });

  test('requests that were changed at random are answered or refused, and never with a trace, a path or a key', async () => {
    const seeds = [
      { ...said, stop: ['a'], seed: 1, stream: false },
      { ...schemaOf({ type: 'object', properties: { a: { enum: ['b', 1] } }, required: ['a'] }), max_tokens: 3 },
      { ...said, structured_outputs: { choice: ['yes', 'no'] } },
    ].map((seed) => Buffer.from(JSON.stringify(seed)));
    const random = randomOf(7);
    for (let round = 0; round < Number(process.env.SLIPWAY_NUM_MUTATIONS ?? 1000); round++) {
      const body = mutated(seeds[round % seeds.length] as Buffer, random)
        .toString('latin1')
        .replace(/"max_tokens":\d+/, '"max_tokens":2');
      const started = performance.now();
      const response = await fetch(`${server.base_url}/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      const text = await response.text();
      expect([body, response.status < 500 || text.includes('engine-failed')]).toEqual([body, true]);
      expect([body, /node_modules|\.js:\d|sk-slipway|\/(root|home|tmp|work)\//.test(text)]).toEqual([body, false]);
      expect([body, performance.now() - started < 10_000]).toEqual([body, true]);
    }
    expect((await post('chat/completions', said)).status).toBe(200);
  }, 1_200_000);
});

test('headers have a limit, and a request has a time to arrive', async () => {
  const tooMuch = await fetch(`${server.base_url}/models`, { headers: { 'x-long': 'x'.repeat(20_000) } });
  expect(tooMuch.status).toBe(431);
  expect(CONNECTION_LIMITS).toMatchObject({ requestTimeout: 30_000, http: { headersTimeout: 30_000 } });
});

test('a server that is killed leaves no engine behind', async () => {
  const served = spawnSlipway({}, 'serve', '--model', MODEL, '--port', '0', '--json');
  const childrenOf = (pid: number) =>
    readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  await new Promise<void>((resolve) => served.child.stdout?.once('data', () => resolve()));
  const engines = childrenOf(served.child.pid as number).filter((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('engine/child'),
  );
  expect(engines.length).toBeGreaterThan(0);
  served.child.kill('SIGKILL');
  await served.ended;
  for (let i = 0; i < 100 && engines.some((pid) => existsSync(`/proc/${pid}`)); i++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect(engines.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
});
