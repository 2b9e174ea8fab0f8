/** A model served from the studio, on real weights: its page has what a program needs, and it answers until it is stopped. */
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createServings, type Servings } from '../../src/server/servings.js';
import { createSessions } from '../../src/server/sessions.js';
import { createStudio } from '../../src/server/studio.js';
import { testHome, testModel } from '../support/home.js';
import { pagesOf } from '../support/pages.js';

const MODEL = 'smollm2-135m-instruct';
let servings: Servings;
let app: ReturnType<typeof createStudio>;
let pages: ReturnType<typeof pagesOf>;
const get = (url: string) => pages.get(url);
const post = (url: string, fields: Record<string, string> = {}) => pages.post(url, fields);

beforeAll(async () => {
  await testModel();
  servings = createServings(testHome);
  app = createStudio(testHome, createSessions(), { servings });
  pages = pagesOf(testHome, app);
});
afterAll(async () => {
  await servings.close();
  await app.close();
});

/** The page that a form leads to, when what it waits for is there. */
const arrival = async (location: string): Promise<string> => {
  for (let i = 0; i < 600; i++) {
    const { headers: sent, body } = await get(location);
    if (sent.location) return String(sent.location);
    if (body.includes('Not started')) return body;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${location} leads nowhere`);
};
const textOf = (html: string, name: string) => new RegExp(`<dt>${name}</dt><dd><code[^>]*>([^<]*)<`).exec(html)?.[1] as string;

test('a model is served with a key, the lines of its page work as they stand, and it is gone when it was stopped', async () => {
  expect((await get(`/serve/${MODEL}`)).body).toContain('Programs of this machine can ask it');
  const first = await post(`/serve/${MODEL}`);
  const second = await post(`/serve/${MODEL}`);
  const pages = await Promise.all([first, second].map((sent) => arrival(String(sent.headers.location))));
  expect(pages).toEqual([`/serve/${MODEL}`, `/serve/${MODEL}`]);
  const { body } = await get(`/serve/${MODEL}`);
  const [address, key] = [textOf(body, 'Address'), textOf(body, 'Key')];
  expect([address, key]).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/v1$/), expect.stringMatching(/^sk-slipway-/)]);
  expect((await fetch(`${address}/models`)).status).toBe(401);
  const line = /<pre[^>]*>(curl .*?)<\/pre>/s.exec(body)?.[1]?.replaceAll('&#x27;', "'").replaceAll('&quot;', '"') as string;
  const { stdout } = await promisify(execFile)('sh', ['-c', line]);
  expect(JSON.parse(stdout).choices[0].message.content).toMatch(/\w/);
  expect((await post(`/serve/${MODEL}/stop`)).statusCode).toBe(303);
  await expect(fetch(`${address}/models`)).rejects.toThrow();
  expect((await get(`/serve/${MODEL}`)).body).toContain('Serve it</button>');
}, 120_000);

test('a port that is taken is said on the page that waits, and it can be served at another one', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const taken = await post(`/serve/${MODEL}`, { port: String(port) });
  expect(await arrival(String(taken.headers.location))).toMatch(/Not started: the server[\s\S]*EADDRINUSE/);
  await new Promise((resolve) => other.close(resolve));
  const free = await post(`/serve/${MODEL}`, { port: String(port) });
  expect(await arrival(String(free.headers.location))).toBe(`/serve/${MODEL}`);
  expect(textOf((await get(`/serve/${MODEL}`)).body, 'Address')).toBe(`http://127.0.0.1:${port}/v1`);
  await post(`/serve/${MODEL}/stop`);
}, 120_000);

test('what is not there is not served, and a port is a number', async () => {
  expect((await get('/serve/nothing')).statusCode).toBe(404);
  expect((await post('/serve/nothing')).statusCode).toBe(404);
  for (const port of ['many', '99999', '-1']) expect([port, (await post(`/serve/${MODEL}`, { port })).statusCode]).toEqual([port, 400]);
});
