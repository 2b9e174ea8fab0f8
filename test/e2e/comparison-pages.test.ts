/** The pages on which a team decides: what stands first, every row behind a figure, and the file that is sent to others. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { judgeComparison } from '../../src/compare/judge-comparison.js';
import { createSessions } from '../../src/server/sessions.js';
import { createStudio } from '../../src/server/studio.js';
import { comparisonPath } from '../../src/server/views/comparison-view.js';
import { comparisonFiles } from '../../src/store/home.js';
import { type FixtureHome, fixtureHome, HOSTILE } from '../support/fixture-home.js';
import { root } from '../support/home.js';
import { measuredComparison } from '../support/measured-comparison.js';
import { outcomeOf } from '../support/slipway.js';

const LABELS = ['billing', 'delivery', '=other'];
const NUM_ROWS = 60;

let fixture: FixtureHome;
let app: FastifyInstance;
let cookie: string;
/** Of labels, with groups and a constant among the baselines. */
let tickets: string;
const get = (url: string) => app.inject({ url, headers: { host: '127.0.0.1', accept: 'text/html', cookie } });
const bodyOf = async (url: string) => (await get(url)).body;
/** Of the table of rows, in the order of the page. */
const rowNumbers = (html: string) => [...html.matchAll(/\/rows\/[0-9a-f]{32}">(\d+)</g)].map(([, number]) => Number(number));
/** The challenger's own, of the numbers from 1. */
const isWrong = (row: number) => (row - 1) % 7 === 0;

beforeAll(async () => {
  fixture = fixtureHome();
  const rows = Array.from({ length: NUM_ROWS }, (_, i) => ({
    messages: [
      { role: 'user' as const, content: `Ticket ${i}: where is my ${['invoice', 'parcel', 'manual'][i % 3]}?` },
      { role: 'assistant' as const, content: LABELS[i % 3] as string },
    ],
    group: `site ${i % 20}`,
  }));
  const comparison = measuredComparison(fixture.home, {
    name: 'tickets',
    rows,
    adapter: 'x',
    gate: {
      labels: LABELS,
      baselines: ['bare', 'majority'],
      candidates: { tuned: { model: 'tuned' }, bare: { model: 'base' }, majority: { constant: 'billing' } },
    },
    wrong: (row) => (row % 5 === 0 ? 'I am not sure' : (LABELS[(row + 1) % 3] as string)),
    isRight: (candidate, row) => (candidate === 'tuned' ? row % 7 !== 0 : candidate === 'majority' ? row % 4 !== 3 : row % 2 === 0),
  });
  judgeComparison(comparison);
  tickets = basename(comparison.folder);
  const sessions = createSessions();
  app = createStudio(fixture.home, sessions);
  const signedIn = await app.inject({ url: `/runs?key=${sessions.makeKey()}`, headers: { host: '127.0.0.1' } });
  cookie = String(signedIn.headers['set-cookie']).split(';')[0] as string;
});
afterAll(() => app.close());

describe('the page of a comparison', () => {
  test('holds everything that decides, in the order of a decision', async () => {
    const body = await bodyOf(comparisonPath(fixture.comparisons.ship));
    const parts = [
      'Should tuned go live in place of prompted? Both answered the same 40 test rows',
      'tuned leads prompted by 70.0 points of exact records (95 %: 55.0 to 84.8); the margin is 10.0, and every guardrail holds.',
      'role="img" aria-label="tuned minus prompted',
      'Cost per 1M tokens:',
      'Not measured:',
      'Against the other baselines',
      'See all 40 rows',
      '5 of 5 checks say ship',
      'Guardrails',
      'Row by row',
      'By field: 2 fields',
      'Reviewer scorecard',
      'Example answers',
      'Attempts on these rows',
      'How each figure was made',
      'The gate, as it was before the evidence',
      'What was not measured',
    ];
    const places = parts.map((part) => body.indexOf(part));
    expect(parts.filter((_, index) => (places[index] as number) < 0)).toEqual([]);
    expect([...places].sort((x, y) => x - y)).toEqual(places);
    expect(body).toContain(`slipway verify ${basename(fixture.comparisons.ship)}`);
    expect(body).toContain('✗ wrong');
    expect(body).not.toMatch(/Panel ship|Community|Entry|Forgotten a token/);
  });

  test('a model leads it, and a constant answer stands below, though it is the stronger one', async () => {
    const body = await bodyOf(`/compare/${(await get(`/comparisons/${tickets}`)).headers.location?.split('/compare/')[1]}`);
    expect(body).toContain('Should tuned go live in place of bare?');
    expect(body.indexOf('tuned minus bare')).toBeLessThan(body.indexOf('tuned minus majority'));
    expect(body).toContain('no model: a line to beat');
    // Nothing was timed: no row of dashes says so.
    expect(body).not.toMatch(/First token|Decoding|Quantisation/);
    expect(body).toContain('By label: 3 labels');
  });
});

describe('every row', () => {
  const rows = (query = '') => bodyOf(`/comparisons/${tickets}/rows${query}`);

  test('is shown, 25 on a page, with what differs marked', async () => {
    const first = await rows();
    expect(rowNumbers(first)).toEqual(Array.from({ length: 25 }, (_, i) => i + 1));
    expect(first).toContain('<mark class="differs">I am not sure</mark>');
    expect(first).toContain('not a label');
    expect(first).toContain('Page 1 of 3');
    expect(rowNumbers(await rows('?page=3'))).toHaveLength(10);
    // Beyond the end, and what no filter is called.
    expect(rowNumbers(await rows('?page=99&show=nonsense&sort=up'))).toHaveLength(10);
  });

  test.each<[string, (row: number) => boolean]>([
    ['?show=baseline-ahead', (row) => isWrong(row) && row % 2 === 1],
    ['?show=both-wrong', (row) => isWrong(row) && row % 2 === 0],
    ['?group=site+3', (row) => row % 20 === 4],
    ['?text=TICKET+1%3A', (row) => row === 2],
    ['?text=not+sure', (row) => (row - 1) % 5 === 0 && !((row - 1) % 7 !== 0 && row % 2 === 1 && (row - 1) % 4 !== 3)],
  ])('is found by %s', async (query, isFound) => {
    const all = Array.from({ length: NUM_ROWS }, (_, i) => i + 1);
    const html = await rows(query);
    expect(rowNumbers(html)).toEqual(all.filter(isFound));
    expect(html).toContain(`${all.filter(isFound).length} of ${NUM_ROWS} rows`);
  });

  test('is sorted by the challenger’s worst, and by how far it is behind', async () => {
    const [worst, behind] = [rowNumbers(await rows('?sort=worst')), rowNumbers(await rows('?sort=lead'))];
    expect(worst.slice(0, 9).every(isWrong)).toBe(true);
    expect(behind.slice(0, 5).every((row) => isWrong(row) && row % 2 === 1)).toBe(true);
  });

  test('has an address of its own, with its neighbours', async () => {
    const [address] = /\/comparisons\/[^"]+\/rows\/[0-9a-f]{32}/.exec(await rows('?text=Ticket+7%3A')) as RegExpExecArray;
    const page = await bodyOf(address);
    expect(page).toContain('<h1>Row 8</h1>');
    expect(page).toContain('Ticket 7: where is my parcel?');
    expect([...page.matchAll(/← Previous|Next →/g)]).toHaveLength(2);
    expect((await get(`/comparisons/${tickets}/rows/ffff`)).statusCode).toBe(404);
    const [, back] = /\/ <a href="(\/compare\/[^"]+)"/.exec(page) as RegExpExecArray;
    expect((await get((back as string).replaceAll('&amp;', '&'))).body).toContain('Should tuned go live in place of bare?');
  });

  test('none is an answer with a way back', async () => {
    expect(await rows('?text=zebra')).toMatch(/No row is like this[\s\S]*Show all rows/);
  });

  test('what is downloaded is what is shown, and no spreadsheet runs it', async () => {
    const { headers, body } = await get(`/comparisons/${tickets}/rows.csv?show=both-wrong`);
    expect(headers['content-disposition']).toContain(`${tickets}-rows.csv`);
    const read = parse(body, { columns: true }) as Record<string, string>[];
    expect(read.map(({ row }) => Number(row))).toEqual([8, 22, 36, 50]);
    expect(read[0]).toMatchObject({ outcome: 'both-wrong', reference: 'delivery', 'tuned: value': '0', group: 'site 7' });
    expect(read.map(({ reference }) => reference)).toContain("'=other");
  });

  test('what the challenger takes for what, and the figures of a label and of a group, add up', async () => {
    const html = await rows();
    const matrix = [...html.matchAll(/<td class="(right|wrong|muted)">(\d+)<\/td>/g)].map(([, , count]) => Number(count));
    expect(matrix).toHaveLength(LABELS.length * (LABELS.length + 1));
    expect(matrix.reduce((sum, count) => sum + count, 0)).toBe(NUM_ROWS);
    expect(html).toMatch(/By group: 20 groups/);
  });

  test('what models and rows say stays text', async () => {
    for (const url of [`/comparisons/${basename(fixture.comparisons.ship)}/rows`, `${comparisonPath(fixture.comparisons.ship)}`]) {
      expect(await bodyOf(url)).not.toContain(HOSTILE);
    }
  });
});

describe('the report', () => {
  const slipway = (...words: string[]) =>
    outcomeOf([process.execPath, join(root, 'dist', 'cli', 'main.js'), ...words], {
      env: { ...process.env, SLIPWAY_HOME: fixture.home },
    });

  test('is one file that asks nobody for anything, with rows only when they are asked for', async () => {
    const { headers, body } = await get(`/comparisons/${tickets}/report.html`);
    expect(headers['content-disposition']).toContain(`${tickets}.html`);
    expect(body).not.toMatch(/<script|<link|<img| href=| src=|<form/);
    expect(body).toMatch(/<style>[\s\S]*--ship/);
    expect(body).toMatch(/Head of the ledger: <code class="hash">[0-9a-f]{64}/);
    expect(body).not.toContain('id="row-60"');
    const whole = await bodyOf(`/comparisons/${tickets}/report.html?rows=all`);
    expect(whole).toContain('id="row-60"');
    expect(await bodyOf(`/comparisons/${basename(fixture.comparisons.ship)}/report.html?rows=all`)).not.toContain(HOSTILE);
  });

  test('is written by a command, and over nothing', async () => {
    const output = join(fixture.home, 'report.html');
    const write = (...more: string[]) => slipway('report', tickets, '--output', output, ...more);
    expect(await write('--rows')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^wrote .*report\.html, \d+ kB\n$/) });
    expect(readFileSync(output, 'utf8')).toContain('id="row-60"');
    expect(await write()).toMatchObject({ code: 2, stderr: expect.stringContaining('already exists') });
    expect((await write('--force')).stdout).toContain('add --rows for them');
    const csv = join(fixture.home, 'rows.csv');
    const { stdout } = await slipway('report', tickets, '--output', csv, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ comparison: tickets, file: csv });
    expect(parse(readFileSync(csv, 'utf8'), { columns: true })).toHaveLength(NUM_ROWS);
    expect(await slipway('report', tickets, '--output', 'report.pdf')).toMatchObject({ code: 2, stderr: expect.stringContaining('.csv') });
  });

  test('there is none before a verdict, nor of files that were changed', async () => {
    const { verdicts, evidence } = comparisonFiles(fixture.comparisons.hold);
    const id = basename(fixture.comparisons.hold);
    const kept = [readFileSync(verdicts), readFileSync(evidence, 'utf8')] as const;
    rmSync(verdicts);
    expect(await slipway('report', id)).toMatchObject({ code: 6, stderr: expect.stringContaining('has no verdict yet') });
    expect((await get(`/comparisons/${id}/rows`)).body).toContain('has no verdict yet');
    writeFileSync(verdicts, kept[0]);
    writeFileSync(evidence, kept[1].replace('"exact_match":0', '"exact_match":1'));
    expect((await get(`/comparisons/${id}/rows`)).statusCode).toBe(409);
    expect((await slipway('report', id)).code).toBe(6);
    writeFileSync(evidence, kept[1]);
    expect(existsSync(`${id}.html`)).toBe(false);
  });
});
