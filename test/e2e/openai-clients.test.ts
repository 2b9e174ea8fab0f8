/** OpenAI's own packages for Node and Python, with their defaults, against a server of ours. */
import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type RunningServer, randomApiKey } from '../../src/run/api/start-server.js';
import { root, testPython } from '../support/home.js';
import { outcomeOf } from '../support/slipway.js';
import { EMBEDDER, PLAIN, startToolsServer, WITH_TOOLS } from '../support/tools-server.js';

const api_key = randomApiKey();
let server: RunningServer;
let client: OpenAI;
beforeAll(async () => {
  server = await startToolsServer(api_key);
  client = new OpenAI({ baseURL: server.base_url, apiKey: api_key });
});
afterAll(() => server.close());

const model = PLAIN;
const messages = [{ role: 'user' as const, content: 'Say this is a test' }];
const Answer = z.object({ colour: z.enum(['red', 'green']), count: z.number() });
const tools = [
  {
    type: 'function' as const,
    function: {
      name: 'list',
      description: 'books of a genre',
      parameters: { type: 'object', properties: { genre: { type: 'string', enum: ['mystery', 'memoir'] } } },
    },
  },
];

describe('the package for Node', () => {
  test('answers, whole and in a stream', async () => {
    const completion = await client.chat.completions.create({ model, messages, max_tokens: 12, temperature: 0 });
    const stream = await client.chat.completions.create({ model, messages, max_completion_tokens: 12, temperature: 0, stream: true });
    let text = '';
    for await (const part of stream) text += part.choices[0]?.delta?.content || '';
    expect(text).toBe(completion.choices[0]?.message.content);
    expect((await client.models.list()).data.map(({ id }) => id)).toContain(model);
    expect((await client.models.retrieve(model)).id).toBe(model);
  });

  test('structured output is parsed, and log-probabilities come as events', async () => {
    const response_format = zodResponseFormat(Answer, 'answer');
    const completion = await client.chat.completions.parse({ model, messages, response_format, temperature: 0, max_tokens: 80 });
    expect(Answer.safeParse(completion.choices[0]?.message.parsed).success).toBe(true);
    let numLogprobs = 0;
    const stream = client.chat.completions
      .stream({ model, messages, logprobs: true, max_tokens: 5, temperature: 0 })
      .on('logprobs.content.delta', ({ content }) => {
        numLogprobs += content.length;
      });
    const final = await stream.finalChatCompletion();
    expect([numLogprobs, final.choices[0]?.logprobs?.content?.length]).toEqual([5, 5]);
  });

  test('tools: a call is made, its result is sent back, and the answer comes', async () => {
    const first = await client.chat.completions.create({ model: WITH_TOOLS, messages, tools, tool_choice: 'required', max_tokens: 60 });
    const [call] = first.choices[0]?.message.tool_calls ?? [];
    if (call?.type !== 'function') throw new Error('no call');
    expect(['mystery', 'memoir']).toContain(JSON.parse(call.function.arguments).genre);
    const result = { role: 'tool' as const, tool_call_id: call.id, content: 'Rebecca' };
    const turns = [...messages, first.choices[0]?.message as OpenAI.ChatCompletionMessage, result];
    const second = await client.chat.completions.create({ model: WITH_TOOLS, messages: turns, tools, tool_choice: 'none', max_tokens: 8 });
    expect(second.choices[0]?.message.content).toBeTruthy();
    const streamed = client.chat.completions.stream({
      model: WITH_TOOLS,
      messages,
      tools,
      tool_choice: 'required',
      max_tokens: 60,
      temperature: 0,
    });
    const final = await streamed.finalChatCompletion();
    expect(final.choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: { name: 'list' } });
  });

  test('embeddings, which it asks for as bytes', async () => {
    const { data } = await client.embeddings.create({ model: EMBEDDER, input: 'A cat sleeps.' });
    expect(data[0]?.embedding).toHaveLength(576);
    expect(data[0]?.embedding.every(Number.isFinite)).toBe(true);
  });

  test('an abort ends the stream, and errors are of the classes it has', async () => {
    const stream = await client.chat.completions.create({ model, messages, stream: true, max_tokens: 300, temperature: 0 });
    let numParts = 0;
    for await (const _part of stream) if (++numParts === 3) stream.controller.abort();
    expect(numParts).toBeLessThan(10);
    const failed = (options: { model?: string; key?: string; image?: boolean }) =>
      new OpenAI({ baseURL: server.base_url, apiKey: options.key ?? api_key }).chat.completions
        .create({
          model: options.model ?? model,
          messages: options.image ? [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:,' } }] }] : messages,
        })
        .catch((error: unknown) => error);
    expect(await failed({ key: 'sk-other' })).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(await failed({ model: 'nosuch' })).toBeInstanceOf(OpenAI.NotFoundError);
    expect(await failed({ image: true })).toBeInstanceOf(OpenAI.BadRequestError);
  });

  test('a 429 of a full waiting line is tried again, and answered', async () => {
    let numBusy = 0;
    const counting: typeof fetch = async (...request) => {
      const response = await fetch(...request);
      if (response.status === 429) numBusy++;
      return response;
    };
    const patient = new OpenAI({ baseURL: server.base_url, apiKey: api_key, maxRetries: 10, fetch: counting });
    const all = await Promise.all(
      Array.from({ length: 70 }, () => patient.chat.completions.create({ model, messages, max_tokens: 1, temperature: 0 })),
    );
    expect(all).toHaveLength(70);
    expect(numBusy).toBeGreaterThan(0);
  });
});

test('the package for Python: the same, as its own examples have it', async () => {
  const environment = { ...process.env, OPENAI_BASE_URL: server.base_url, OPENAI_API_KEY: api_key };
  const program = [testPython(), 'test/e2e/openai_client.py', PLAIN, WITH_TOOLS, EMBEDDER];
  const { code, stdout, stderr } = await outcomeOf(program, { cwd: root, env: environment });
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout.trim().split('\n')).toEqual([
    'answers',
    'streams',
    'raw response',
    'structured output',
    'tools',
    'embeddings',
    'abort',
    'errors',
    'async',
    'retry',
  ]);
});
