/** What OpenAI's API has beside plain answers, on real weights over real HTTP. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunningServer } from '../../src/run/api/start-server.js';
import { spawnSlipway } from '../support/slipway.js';
import { EMBEDDER, PLAIN, startToolsServer, WITH_TOOLS } from '../support/tools-server.js';

let server: RunningServer;
beforeAll(async () => {
  server = await startToolsServer(null);
});
afterAll(() => server.close());

const post = (route: string, body: object) =>
  fetch(`${server.base_url}/${route}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: PLAIN, temperature: 0, ...body }),
  });
// biome-ignore lint/suspicious/noExplicitAny: answers are checked field by field
const ask = async (route: string, body: object): Promise<any> => (await post(route, body)).json();
/** The data of each event but the last. */
const events = async (route: string, body: object) => {
  const lines = (await (await post(route, { ...body, stream: true })).text()).split('\n\n').filter(Boolean);
  expect(lines.at(-1)).toBe('data: [DONE]');
  return lines.slice(0, -1).map((line) => JSON.parse(line.replace(/^data: /, '')));
};
const asked = (content: unknown) => [{ role: 'user', content }];
const messages = asked('Name three colours.');
const contentOf = (answer: { choices: { message: { content: string } }[] }) => answer.choices[0]?.message.content;

test('what clients send by default changes nothing', async () => {
  const plain = await ask('chat/completions', { messages, max_tokens: 8 });
  const defaults = {
    n: 1,
    frequency_penalty: 0,
    presence_penalty: 0,
    store: false,
    logprobs: false,
    top_logprobs: null,
    tools: [],
    tool_choice: null,
    parallel_tool_calls: true,
    response_format: null,
    stop: null,
    seed: null,
    logit_bias: null,
    metadata: null,
    user: 'u',
    service_tier: 'auto',
    modalities: ['text'],
    stream: false,
    stream_options: null,
    top_p: 1,
    max_tokens: null,
    max_completion_tokens: 8,
    reasoning_effort: null,
  };
  expect(contentOf(await ask('chat/completions', { messages, ...defaults }))).toBe(contentOf(plain));
  const parts = asked([
    { type: 'text', text: 'Name three ' },
    { type: 'text', text: 'colours.' },
  ]);
  expect(contentOf(await ask('chat/completions', { messages: parts, max_tokens: 8 }))).toBe(contentOf(plain));
  const [system, developer] = await Promise.all(
    ['system', 'developer'].map((role) =>
      ask('chat/completions', { messages: [{ role, content: 'Be brief.' }, ...messages], max_tokens: 8 }),
    ),
  );
  expect(contentOf(developer)).toBe(contentOf(system));
  const completion = { prompt: 'One, two, three,', max_tokens: 4 };
  const legacy = { n: 1, best_of: 1, echo: false, logprobs: null, suffix: null, frequency_penalty: 0, presence_penalty: 0, logit_bias: {} };
  expect((await ask('completions', { ...completion, ...legacy })).choices[0].text).toBe(
    (await ask('completions', completion)).choices[0].text,
  );
});

describe('stop texts', () => {
  test('are never shown in part, in a stream neither', async () => {
    const whole = contentOf(await ask('chat/completions', { messages, max_tokens: 30 })) as string;
    // Words of the answer, so that the stop text is made of several tokens.
    const stop = whole.slice(12, 34);
    const expected = whole.slice(0, 12);
    expect(contentOf(await ask('chat/completions', { messages, max_tokens: 30, stop }))).toBe(expected);
    const chunks = await events('chat/completions', { messages, max_tokens: 30, stop: [stop, 'nothing of it'] });
    const pieces = chunks.map(({ choices }) => choices[0].delta.content ?? '');
    expect(pieces.join('')).toBe(expected);
    expect(chunks.at(-1).choices[0].finish_reason).toBe('stop');
  });

  test('what could have become one is shown in the end', async () => {
    const whole = contentOf(await ask('chat/completions', { messages, max_tokens: 12 })) as string;
    const chunks = await events('chat/completions', { messages, max_tokens: 12, stop: `${whole.slice(-6)} and not this` });
    expect(chunks.map(({ choices }) => choices[0].delta.content ?? '').join('')).toBe(whole);
  });
});

test('log-probabilities: one a token, with alternatives, as the model itself has them', async () => {
  const answer = await ask('chat/completions', { messages, max_tokens: 6, logprobs: true, top_logprobs: 3 });
  const { content } = answer.choices[0].logprobs;
  expect(content.map(({ token }: { token: string }) => token).join('')).toBe(contentOf(answer));
  for (const { token, logprob, bytes, top_logprobs } of content) {
    expect(top_logprobs).toHaveLength(3);
    // Greedy: the likeliest is the one that was taken.
    expect(top_logprobs[0]).toMatchObject({ token, logprob });
    expect(top_logprobs[0].logprob).toBeGreaterThanOrEqual(top_logprobs[1].logprob);
    expect(logprob).toBeLessThan(0);
    expect(Buffer.from(bytes).toString()).toBe(token);
  }
  const hot = await ask('chat/completions', { messages, max_tokens: 6, logprobs: true, temperature: 2, top_k: 1 });
  expect(hot.choices[0].logprobs.content[0].logprob).toBeCloseTo(content[0].logprob, 3);
  expect(hot.choices[0].logprobs.content[0].top_logprobs).toEqual([]);
  const chunks = await events('chat/completions', { messages, max_tokens: 6, logprobs: true });
  const streamed = chunks.flatMap(({ choices }) => choices[0].logprobs?.content ?? []);
  for (const [index, { token, logprob }] of streamed.entries()) {
    expect(token).toBe(content[index].token);
    expect(logprob).toBeCloseTo(content[index].logprob, 3);
  }
  expect(streamed).toHaveLength(content.length);
  expect(answer.choices[0].logprobs.content[0].logprob).toBeCloseTo(await scored(contentOf(answer) as string), 2);
});

/** The first answer token's log-probability, by the route that scores given texts. */
async function scored(answer: string): Promise<number> {
  const { data } = (await (await fetch(`${server.base_url}/models`)).json()) as { data: { id: string; chat_template: string }[] };
  expect(data.map(({ id }) => id)).toEqual([PLAIN, WITH_TOOLS, EMBEDDER]);
  const { renderChat } = await import('../../src/model/gguf/chat-template.js');
  const prompt = await renderChat(data[0]?.chat_template as string, messages as never, { addGenerationPrompt: true });
  const { choices } = await ask('completions', { prompt: prompt + answer, max_tokens: 0, echo: true, logprobs: 1 });
  const { text_offset, token_logprobs } = choices[0].logprobs as { text_offset: number[]; token_logprobs: number[] };
  return token_logprobs[text_offset.indexOf(prompt.length)] as number;
}

test('several answers: each with its index and a seed of its own, the prompt counted once', async () => {
  const request = { messages, max_tokens: 8, n: 3, temperature: 1, seed: 5 };
  const several = await ask('chat/completions', request);
  expect(several.choices.map(({ index }: { index: number }) => index)).toEqual([0, 1, 2]);
  expect(new Set(several.choices.map(({ message }: { message: { content: string } }) => message.content)).size).toBeGreaterThan(1);
  expect(several.usage.completion_tokens).toBeLessThanOrEqual(24);
  expect(several.usage.prompt_tokens).toBe((await ask('chat/completions', { ...request, n: 1 })).usage.prompt_tokens);
  const chunks = await events('chat/completions', request);
  const streamed = [0, 1, 2].map((n) =>
    chunks
      .filter(({ choices }) => choices[0].index === n)
      .map(({ choices }) => choices[0].delta.content ?? '')
      .join(''),
  );
  expect(streamed).toEqual(several.choices.map(({ message }: { message: { content: string } }) => message.content));
});

test('penalties, top_k and min_p reach the sampler', async () => {
  const repeated = { messages: asked('Repeat the word "blue" many times: blue blue blue blue blue'), max_tokens: 40 };
  const distinct = (answer: string) => new Set(answer.split(/\W+/)).size / answer.split(/\W+/).length;
  const plain = contentOf(await ask('chat/completions', repeated)) as string;
  for (const penalty of [{ frequency_penalty: 2 }, { presence_penalty: 2 }]) {
    const varied = contentOf(await ask('chat/completions', { ...repeated, ...penalty })) as string;
    expect(varied).not.toBe(plain);
    expect(distinct(varied)).toBeGreaterThan(distinct(plain));
  }
  const greedy = contentOf(await ask('chat/completions', { messages, max_tokens: 10 }));
  const hot = { messages, max_tokens: 10, temperature: 2, seed: 3 };
  expect(contentOf(await ask('chat/completions', hot))).not.toBe(greedy);
  expect(contentOf(await ask('chat/completions', { ...hot, top_k: 1 }))).toBe(greedy);
  expect(contentOf(await ask('chat/completions', { ...hot, min_p: 1 }))).toBe(greedy);
});

test('json_object: an object, whatever its fields, and nothing after it', async () => {
  const answer = await ask('chat/completions', {
    messages: asked('Give a JSON object with a colour.'),
    max_tokens: 120,
    response_format: { type: 'json_object' },
  });
  const { message, finish_reason } = answer.choices[0];
  expect([typeof JSON.parse(message.content), finish_reason]).toEqual(['object', 'stop']);
});

test('a schema with references, as Pydantic and Zod write them; one that refers to itself is refused', async () => {
  const step = { type: 'object', properties: { text: { enum: ['add', 'stop'] } }, required: ['text'], additionalProperties: false };
  const schema = {
    $defs: { Step: step },
    type: 'object',
    properties: { steps: { type: 'array', items: { $ref: '#/$defs/Step' }, minItems: 1, maxItems: 2 } },
  };
  const body = (value: object) => ({
    messages,
    max_tokens: 60,
    response_format: { type: 'json_schema', json_schema: { name: 'x', schema: value } },
  });
  const { steps } = JSON.parse(contentOf(await ask('chat/completions', body(schema))) as string);
  expect(['add', 'stop']).toContain(steps[0].text);
  const endless = { type: 'object', properties: { next: { $ref: '#' } } };
  expect((await ask('chat/completions', body(endless))).error.message).toContain('nested deeper than');
  expect((await ask('chat/completions', body({ $ref: '#/$defs/No' }))).error.message).toContain('is not in this schema');
});

describe('tools', () => {
  const tools = [
    {
      type: 'function',
      function: {
        name: 'get_weather',
        description: 'The weather of a city',
        parameters: { type: 'object', properties: { city: { enum: ['Oslo', 'Rome'] } }, required: ['city'] },
      },
    },
    { type: 'function', function: { name: 'get_time' } },
  ];
  const request = { model: WITH_TOOLS, messages: asked('What is the weather in Rome?'), tools, max_tokens: 60 };

  test('one that is named is called, with arguments that fit its schema; streamed too', async () => {
    const tool_choice = { type: 'function', function: { name: 'get_weather' } };
    const { choices } = await ask('chat/completions', { ...request, tool_choice });
    const [call] = choices[0].message.tool_calls;
    expect(choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } });
    expect(call).toMatchObject({ type: 'function', id: expect.stringMatching(/^call_\w+$/), function: { name: 'get_weather' } });
    expect(['Oslo', 'Rome']).toContain(JSON.parse(call.function.arguments).city);
    const chunks = await events('chat/completions', { ...request, tool_choice });
    const deltas = chunks.flatMap(({ choices: [choice] }) => choice.delta.tool_calls ?? []);
    expect(deltas).toMatchObject([{ index: 0, function: call.function }]);
    expect(chunks.map(({ choices: [choice] }) => choice.delta.content ?? '').join('')).toBe('');
    expect(chunks.at(-1).choices[0].finish_reason).toBe('tool_calls');
  });

  test('one of all is called where one is required, also one without arguments', async () => {
    const { choices } = await ask('chat/completions', { ...request, tool_choice: 'required' });
    expect(['get_weather', 'get_time']).toContain(choices[0].message.tool_calls[0].function.name);
    const time = await ask('chat/completions', { ...request, tools: tools.slice(1), tool_choice: 'required' });
    expect(time.choices[0].message.tool_calls[0].function).toEqual({ name: 'get_time', arguments: '{}' });
  });

  test('the model is told of them unless none is wanted; its own text is an answer', async () => {
    const tokens = async (body: object) => (await ask('chat/completions', { ...request, max_tokens: 3, ...body })).usage.prompt_tokens;
    const [auto, none] = [await tokens({}), await tokens({ tool_choice: 'none' })];
    expect(auto).toBeGreaterThan(none + 30);
    const answer = await ask('chat/completions', { ...request, tools: tools.slice(1), messages: asked('Say hello.'), max_tokens: 6 });
    const { message } = answer.choices[0];
    expect(typeof message.content === 'string' || Array.isArray(message.tool_calls)).toBe(true);
  });

  test('a schema or a body that is nested without end is refused, and the next request is answered', async () => {
    let deep: object = {};
    for (let depth = 0; depth < 500; depth++) deep = { properties: { x: deep } };
    const nested = [{ type: 'function', function: { name: 'a', parameters: deep } }];
    for (const tool_choice of ['auto', 'required']) {
      const { error } = await ask('chat/completions', { ...request, tools: nested, tool_choice });
      expect([error.code, error.message]).toEqual(['request-invalid', expect.stringContaining('nested too deep')]);
    }
    const brackets = '['.repeat(300_000) + ']'.repeat(300_000);
    const body = `{"model": "${PLAIN}", "messages": ${brackets}}`;
    const refused = await fetch(`${server.base_url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(refused.status).toBe(400);
    expect((await post('chat/completions', { messages, max_tokens: 1 })).status).toBe(200);
  });

  test('a result goes back to the model', async () => {
    const call = { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city": "Rome"}' } };
    const turns = [
      ...request.messages,
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'call_1', content: '31 degrees' },
    ];
    expect(contentOf(await ask('chat/completions', { ...request, messages: turns, tool_choice: 'none' }))).toMatch(/\w/);
  });
});

test('embeddings of a model that has them, as numbers and as bytes; alike texts are near each other', async () => {
  const { data, usage } = await ask('embeddings', {
    model: EMBEDDER,
    temperature: undefined,
    input: ['A cat sleeps.', 'A cat is asleep.', 'Interest rates rose.'],
  });
  expect(data.map(({ index }: { index: number }) => index)).toEqual([0, 1, 2]);
  const [a, b, c] = data.map(({ embedding }: { embedding: number[] }) => embedding);
  expect(a).toHaveLength(576);
  const cosine = (x: number[], y: number[]) => dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
  const dot = (x: number[], y: number[]) => x.reduce((sum, value, i) => sum + value * (y[i] as number), 0);
  expect(cosine(a, b)).toBeGreaterThan(cosine(a, c));
  expect(usage.total_tokens).toBeGreaterThan(10);
  const packed = await ask('embeddings', { model: EMBEDDER, temperature: undefined, input: 'A cat sleeps.', encoding_format: 'base64' });
  const bytes = Buffer.from(packed.data[0].embedding, 'base64');
  expect(bytes.readFloatLE(0)).toBeCloseTo(a[0], 4);
  const refused = await ask('embeddings', { temperature: undefined, input: 'x' });
  expect(refused.error.message).toContain(`${PLAIN} is no embedding model; ask ${EMBEDDER}`);
});

test('one model by its id, and a health check that needs no key', async () => {
  const one = await (await fetch(`${server.base_url}/models/${PLAIN}`)).json();
  expect(one).toMatchObject({ id: PLAIN, object: 'model', owned_by: 'slipway' });
  expect((await fetch(`${server.base_url}/models/nosuch`)).status).toBe(404);
  const health = await fetch(`${server.base_url.replace('/v1', '')}/health`);
  expect([health.status, await health.json(), health.headers.get('x-request-id')]).toEqual([200, { status: 'ok' }, expect.any(String)]);
});

test('server-ending: Ctrl-C on the whole group of processes ends a stream with its reason, and the command with 130', async () => {
  const { child, ended } = spawnSlipway({ detached: true }, 'serve', '--model', PLAIN, '--no-api-key', '--port', '0', '--json');
  const text = await new Promise<string>((resolve) => child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString())));
  const { base_url } = JSON.parse(text) as { base_url: string };
  const body = JSON.stringify({ model: PLAIN, messages: asked('Count to a thousand.'), temperature: 0, stream: true });
  const whole = JSON.stringify({ model: PLAIN, messages: asked('Count to a thousand.'), temperature: 0 });
  const send = (one: string) =>
    fetch(`${base_url}/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: one });
  const streaming = await send(body);
  const reader = (streaming.body as ReadableStream<Uint8Array>).getReader();
  await reader.read();
  const waiting = send(whole);
  await new Promise((resolve) => setTimeout(resolve, 300));
  process.kill(-(child.pid as number), 'SIGINT');
  let rest = '';
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) rest += Buffer.from(piece.value).toString();
  expect(rest).toContain('"code":"server-ending"');
  const refused = await waiting;
  expect([refused.status, ((await refused.json()) as { error: { code: string } }).error.code]).toEqual([503, 'server-ending']);
  const { code, stderr } = await ended;
  expect([code, /Error|unhandled|ERR_/i.test(stderr)]).toEqual([130, false]);
});
