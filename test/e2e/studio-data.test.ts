/** Files of rows in the studio: dropped, read, assigned, cleaned, and made into a recipe. Without a browser. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readGate } from '../../src/compare/read-gate.js';
import { keepUpload } from '../../src/flow/author/data-files.js';
import { createSessions } from '../../src/server/sessions.js';
import { createStudio } from '../../src/server/studio.js';
import { recipesFolder, uploadsFolder } from '../../src/store/home.js';
import { readRecipe } from '../../src/tune/read-recipe.js';
import { failure } from '../support/failure.js';
import { HOSTILE } from '../support/fixture-home.js';
import { temporaryFolder } from '../support/home.js';
import { pagesOf } from '../support/pages.js';

const home = temporaryFolder('studio-data');
const folder = temporaryFolder('data-folder');
let app: FastifyInstance;
let pages: ReturnType<typeof pagesOf>;
const get = (url: string) => pages.get(url);
const post = (url: string, fields: Record<string, string>) => pages.post(url, fields);
const upload = (name: string, payload: string) =>
  app.inject({
    method: 'POST',
    url: `/data/upload?name=${encodeURIComponent(name)}`,
    payload,
    headers: { ...pages.headers, 'content-type': 'application/octet-stream', accept: 'application/json' },
  });
const pageOf = (path: string, more: Record<string, string> = {}) => get(`/data/file?${new URLSearchParams({ path, ...more })}`);
const selected = (html: string, name: string) =>
  new RegExp(`name="${name}"[\\s\\S]*?<option value="([^"]*)" selected=""`).exec(html)?.[1] ?? '';

const PLACES = 'harbour quay crane depot gate yard office hangar'.split(' ');
const tickets = (ids: number) =>
  [
    'id;body;queue;customer_id',
    ...Array.from(
      { length: 64 },
      (_, i) => `T${i};Where is the ${PLACES[i % 8]} ${'abcdefgh'[Math.floor(i / 8)]}?;${['logistics', 'billing'][i % 2]};C${i % ids}`,
    ),
  ].join('\n');

beforeAll(() => {
  app = createStudio(home, createSessions(), { data_folders: [folder] });
  pages = pagesOf(home, app);
});
afterAll(() => app.close());

describe('a file that is dropped', () => {
  test('is kept under its name, beside another of the same name, and is listed', async () => {
    const first = JSON.parse((await upload('tickets.csv', tickets(16))).body) as { url: string };
    const second = JSON.parse((await upload('tickets.csv', tickets(16))).body) as { url: string };
    expect([first.url, second.url].map((url) => new URLSearchParams(url.split('?')[1]).get('path'))).toEqual([
      join(uploadsFolder(home), 'tickets.csv'),
      join(uploadsFolder(home), 'tickets-2.csv'),
    ]);
    const { body } = await get('/data');
    expect(body).toContain(join(uploadsFolder(home), 'tickets-2.csv'));
    expect(readFileSync(join(uploadsFolder(home), 'tickets.csv'), 'utf8')).toBe(tickets(16));
  });

  test('does not leave its folder, whatever it is called, and is one of rows', async () => {
    const { url } = JSON.parse((await upload('../../etc/pass\u0000wd.csv', 'a,b\n')).body) as { url: string };
    expect(new URLSearchParams(url.split('?')[1]).get('path')).toBe(join(uploadsFolder(home), 'pass_wd.csv'));
    for (const name of ['.csv', 'run.sh', 'x.csv/..']) {
      const refused = await upload(name, 'x');
      expect([name, refused.statusCode, JSON.parse(refused.body).error.code]).toEqual([name, 400, 'upload-refused']);
    }
  });

  test('a connection that breaks leaves nothing', async () => {
    const broken = new Readable({
      read() {
        this.push('half of ');
        this.destroy(new Error('the browser is gone'));
      },
    });
    const before = readdirSync(uploadsFolder(home));
    await expect(keepUpload(home, 'half.csv', broken)).rejects.toThrowError('the browser is gone');
    expect(readdirSync(uploadsFolder(home))).toEqual(before);
    expect((await failure(() => keepUpload(home, 'half.exe', broken))).code).toBe('upload-refused');
  });

  test('nobody sends one without being signed in', async () => {
    const { statusCode } = await app.inject({
      method: 'POST',
      url: '/data/upload?name=x.csv',
      payload: 'x',
      headers: { host: '127.0.0.1', 'content-type': 'application/octet-stream' },
    });
    expect(statusCode).toBe(401);
  });
});

describe('a file with columns of its own', () => {
  const file = join(folder, 'export.csv');
  beforeAll(() => writeFileSync(file, tickets(16)));

  test('is read with what its columns look like, and the group is proposed', async () => {
    const { body } = await pageOf(file);
    expect(body).toContain('cells separated by ;');
    expect([selected(body, 'prompt'), selected(body, 'completion'), selected(body, 'group')]).toEqual(['body', 'queue', 'customer_id']);
    expect(body).toContain('customer_id repeats, so rows of one customer_id are kept in one split');
    expect(body).toContain('2 labels (billing, logistics): measured by accuracy');
    expect(body).toContain('Where is the harbour a?');
  });

  test('what a person assigns is what is read, and what cannot be is said', async () => {
    const { body } = await pageOf(file, { prompt: 'queue', completion: 'body', group: '-' });
    expect([selected(body, 'prompt'), selected(body, 'completion')]).toEqual(['queue', 'body']);
    expect(body).toContain('by prompt: rows of a group are not independent');
    const wrong = await pageOf(file, { prompt: 'nowhere', completion: 'body' });
    expect([wrong.statusCode, wrong.body.includes('does not have the columns of')]).toEqual([200, true]);
  });

  test('makes a recipe and a gate that read as the page has shown, in which it can be started', async () => {
    const fields = { path: file, prompt: 'body', completion: 'queue', group: 'customer_id', model: 'smollm2-135m-instruct' };
    const made = await post('/data/recipe', fields);
    expect(made.statusCode).toBe(303);
    const recipe = new URLSearchParams(String(made.headers.location).split('?')[1]).get('recipe') as string;
    expect(recipe.startsWith(recipesFolder(home))).toBe(true);
    const { recipe: read } = readRecipe(recipe);
    expect(read).toMatchObject({ method: 'sft', data: { columns: { prompt: 'body', completion: 'queue' }, group: 'customer_id' } });
    expect(readGate(join(recipesFolder(home), String(read.gate))).gate).toMatchObject({
      metric: 'accuracy',
      labels: ['billing', 'logistics'],
    });
    const start = await get(String(made.headers.location));
    expect(start.body).toContain('No problems.');
    // Made again it is the same.
    expect((await post('/data/recipe', fields)).headers.location).toBe(made.headers.location);
  });
});

test('models that this machine can train stand first, with what these rows take; a recipe for another machine cannot be started', async () => {
  const chats = join(folder, 'short.jsonl');
  writeFileSync(
    chats,
    Array.from({ length: 48 }, (_, i) => JSON.stringify({ prompt: `Is ${i * 7} even?`, completion: i % 2 ? 'no' : 'yes' })).join('\n'),
  );
  const { body } = await pageOf(chats, { allow: 'true' });
  expect(body).toMatch(
    /<optgroup label="This machine can train"><option value="smollm2-135m-instruct" selected="">smollm2-135m-instruct: about .*?, \d\.\d GB of memory</,
  );
  expect(body).toMatch(
    /<optgroup label="Needs another machine">.*<option value="llama-4-scout-17b-16e-instruct">[^<]*: \d+\.\d GB of memory</,
  );
  const sent = await post('/data/recipe', { path: chats, group: '-', model: 'llama-3.2-1b-instruct', allow: 'true' });
  const location = String(sent.headers.location);
  const page = (await get(location)).body;
  expect(page).toContain('The weights of llama-3.2-1b-instruct are not on this machine');
  expect(page).toMatch(/id="start"[^>]*disabled=""|disabled=""[^>]*id="start"/);
  const recipe = new URLSearchParams(location.split('?')[1]).get('recipe') as string;
  const check = async (fields: Record<string, string>) =>
    (await post('/start/check', { recipe, ...fields })).json<{ text: string; findings: string; settings: string; is_ready: boolean }>();
  const chosen = await check({ text: readFileSync(recipe, 'utf8'), path: 'model', value: 'smollm2-135m-instruct' });
  expect([chosen.is_ready, chosen.text]).toEqual([true, expect.stringMatching(/^model: smollm2-135m-instruct$/m)]);
  expect(chosen.settings).toContain('<option value="smollm2-135m-instruct" selected="">');
  const elsewhere = await check({ text: `${chosen.text}machine: { gpus: 8, gpu_memory_gb: 80 }\n` });
  expect([elsewhere.is_ready, elsewhere.findings]).toEqual([
    false,
    expect.stringMatching(/It needs 8 × 80\.0 GB of GPU memory; here: no GPU\. .* The command there: slipway tune/),
  ]);
  expect((await post('/start', { recipe, text: `${chosen.text}machine: { gpus: 8, gpu_memory_gb: 80 }\n` })).statusCode).toBe(400);
});

test('a column that holds whole conversations is taken as such, up to the recipe', async () => {
  const file = join(folder, 'talks.jsonl');
  const talk = (i: number) => [
    { role: 'user', content: `Where is the ${PLACES[i % 8]} ${'abcd'[Math.floor(i / 8)]}?` },
    { role: 'assistant', content: ['north', 'south'][i % 2] },
  ];
  writeFileSync(file, Array.from({ length: 32 }, (_, i) => `${JSON.stringify({ talk: talk(i), source: 'mail' })}\n`).join(''));
  const { body } = await pageOf(file);
  expect(selected(body, 'messages')).toBe('talk');
  expect(body).toContain('2 labels (north, south)');
  const made = await post('/data/recipe', { path: file, messages: 'talk', group: '-' });
  const recipe = new URLSearchParams(String(made.headers.location).split('?')[1]).get('recipe') as string;
  expect(readRecipe(recipe).recipe.data).toMatchObject({ columns: { messages: 'talk' } });
});

test('rows that are wrong are named, and a copy without them goes on', async () => {
  const rows = Array.from({ length: 20 }, (_, i) =>
    JSON.stringify({ prompt: `Question ${'abcdefghijklmnopqrst'[i]}`, completion: i === 3 ? '' : `Answer number ${i} is here.` }),
  );
  const file = join(folder, 'broken.jsonl');
  writeFileSync(file, `${rows.join('\n')}\n{"prompt": "torn\n`);
  const { body } = await pageOf(file);
  expect(body).toMatch(/2 problems in the data[\s\S]*broken\.jsonl:4[\s\S]*broken\.jsonl:21/);
  expect(body).toContain('Write a copy without these rows');
  const cleaned = await post('/data/clean', { path: file });
  const page = await get(String(cleaned.headers.location));
  expect(page.body).toContain('This is a copy without 2 rows');
  expect(page.body).toContain('19 rows, format prompt-completion');
  expect(existsSync(join(uploadsFolder(home), 'broken-clean.left-out.txt'))).toBe(true);
  expect(readFileSync(file, 'utf8')).toContain('torn');
});

test('path-forbidden: no other file of this machine is read, nor made a recipe of, nor compared on', async () => {
  const elsewhere = join(temporaryFolder('elsewhere'), 'secret.csv');
  writeFileSync(elsewhere, 'prompt,completion\nwho,me\n');
  for (const asked of [
    () => pageOf(elsewhere),
    () => pageOf('/etc/passwd'),
    () => post('/data/recipe', { path: elsewhere }),
    () => post('/data/clean', { path: elsewhere }),
    () => post('/comparisons/new', { a: 'x', b: 'y', test: elsewhere }),
  ]) {
    const { statusCode, body } = await asked();
    expect([statusCode, body.includes('outside of the folders that this studio may read')]).toEqual([403, true]);
  }
});

test('what a file says stays text, and settings of programs are not offered as data', async () => {
  writeFileSync(join(folder, 'package.json'), '{"name": "x"}');
  writeFileSync(join(folder, 'list.json'), JSON.stringify([{ prompt: HOSTILE, completion: HOSTILE }]));
  mkdirSync(join(folder, 'x.csv'), { recursive: true });
  const { body } = await get('/data');
  expect([body.includes('list.json'), body.includes('package.json'), body.includes('x.csv')]).toEqual([true, false, false]);
  expect((await pageOf(join(folder, 'list.json'))).body).not.toContain(HOSTILE);
});

test('a comparison that cannot be opened says so on the page that waits for it', async () => {
  const asked = await post('/comparisons/new', { a: 'nosuch', b: 'nosuch2' });
  expect(asked.statusCode).toBe(303);
  const url = String(asked.headers.location);
  await expect.poll(async () => (await get(url)).body).toContain('Not started: the comparison');
  expect((await get(url)).body).toContain('There is no model nosuch');
});
