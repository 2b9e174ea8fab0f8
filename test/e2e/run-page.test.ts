/** A run's page: its name and note, its curves beside those of others, and what it was trained on. Without a browser. */
import { existsSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSessions } from '../../src/server/sessions.js';
import { createStudio } from '../../src/server/studio.js';
import { runFiles, runFolder } from '../../src/store/home.js';
import { type FixtureHome, fixtureHome, HOSTILE } from '../support/fixture-home.js';
import { pagesOf } from '../support/pages.js';

let fixture: FixtureHome;
let app: FastifyInstance;
let pages: ReturnType<typeof pagesOf>;
const get = async (url: string) => (await pages.get(url)).body;
const label = (run: string, fields: Record<string, string>) => pages.post(`/runs/${run}/label`, fields);
const lossLines = (html: string) =>
  [...html.matchAll(/<polyline class="line (own|other other-\d)" points="([^"]*)"/g)].map(([, kind, points]) => [kind, points]);

beforeAll(() => {
  fixture = fixtureHome();
  app = createStudio(fixture.home, createSessions());
  pages = pagesOf(fixture.home, app);
});
afterAll(() => app.close());

test('says what is trained on what, and folds the log unless it may say what went wrong', async () => {
  const stopped = await get(`/runs/${fixture.runs.stopped}`);
  expect(stopped).toContain('smollm2-135m-instruct by sft, on 320 rows of train.jsonl');
  expect(stopped).toMatch(/<details><summary>The last lines that the worker/);
  expect(await get(`/runs/${fixture.runs.failed}`)).toMatch(/<details open=""><summary>The last lines that the worker/);
});

test('a name and a note of one’s own are kept, shown in the list, and stay text', async () => {
  const run = fixture.runs.stopped;
  expect((await label(run, { name: ' First try ', note: `higher rate\r\n${HOSTILE}` })).statusCode).toBe(303);
  const page = await get(`/runs/${run}`);
  expect(page).toContain('<h1 class="identifier">First try</h1>');
  expect(page).toContain('higher rate\n&lt;img');
  expect(page).not.toContain(HOSTILE);
  expect(await get('/runs')).toContain('<strong>First try</strong>');
  expect((await label(run, { name: 'x'.repeat(101), note: '' })).statusCode).toBe(400);
  expect((await label('nobody', { name: 'x', note: '' })).statusCode).toBe(404);
  await label(run, { name: '', note: '' });
  expect(await get('/runs')).toContain(`<strong>${run}</strong>`);
  expect(existsSync(runFiles(runFolder(fixture.home, run)).label)).toBe(true);
});

test('curves of up to three others are drawn behind its own, and on a logarithmic scale', async () => {
  const { stopped, failed, lost, preparing } = fixture.runs;
  const alone = lossLines(await get(`/runs/${stopped}`));
  expect(alone[0]?.[0]).toBe('own');
  const beside = await get(`/runs/${stopped}?with=${failed}&with=${lost}&with=${preparing}&with=nobody`);
  expect(
    lossLines(beside)
      .slice(0, 4)
      .map(([kind]) => kind),
  ).toEqual(['other other-0', 'other other-1', 'other other-2', 'own']);
  expect(beside).toContain(`data-live="/runs/${stopped}/changes?with=`);
  const logarithmic = lossLines(await get(`/runs/${stopped}?scale=log`));
  expect(logarithmic[0]?.[1]?.split(' ')).toHaveLength((alone[0]?.[1] ?? '').split(' ').length);
  expect(logarithmic[0]?.[1]).not.toBe(alone[0]?.[1]);
  // The last and lowest loss stands at the bottom of its own picture.
  expect(Math.max(...(logarithmic[0]?.[1] ?? '').split(' ').map((point) => Number(point.split(',')[1])))).toBe(100);
});
