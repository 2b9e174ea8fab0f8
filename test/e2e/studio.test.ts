/** The studio's doors: who may look, who may change something, and that what people and models wrote stays text. Without a browser. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Candidate } from '../../src/protocol/candidate.js';
import { createSessions } from '../../src/server/sessions.js';
import { createStudio } from '../../src/server/studio.js';
import { comparisonPath, slugOf } from '../../src/server/views/comparison-view.js';
import { writeJson } from '../../src/store/files.js';
import {
  adminTokenFile,
  attemptFiles,
  comparisonFiles,
  jobFiles,
  modelFiles,
  nameOfRecipe,
  runFiles,
  runFolder,
} from '../../src/store/home.js';
import { runPath } from '../../src/web/paths.js';
import { type FixtureHome, fixtureHome, HOSTILE } from '../support/fixture-home.js';
import { root, temporaryFolder } from '../support/home.js';
import { outcomeOf } from '../support/slipway.js';

let fixture: FixtureHome;
let app: FastifyInstance;
let cookie: string;
const sessions = createSessions();
const headers = (more: Record<string, string> = {}) => ({ host: '127.0.0.1', accept: 'text/html', cookie, ...more });
const get = (url: string, more: Record<string, string> = {}) => app.inject({ url, headers: headers(more) });
const post = (url: string, payload: Record<string, string>, more: Record<string, string> = {}) =>
  app.inject({
    method: 'POST',
    url,
    payload: new URLSearchParams(payload).toString(),
    headers: headers({ 'content-type': 'application/x-www-form-urlencoded', ...more }),
  });
const csrfOf = (html: string) => /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';

beforeAll(async () => {
  fixture = fixtureHome();
  app = createStudio(fixture.home, sessions);
  const signedIn = await app.inject({ url: `/runs?key=${sessions.makeKey()}`, headers: { host: '127.0.0.1' } });
  cookie = String(signedIn.headers['set-cookie']).split(';')[0] as string;
});
afterAll(() => app.close());

test('a run that another version has written is listed, and breaks no page', async () => {
  const home = fixtureHome();
  const other = createStudio(home.home, sessions);
  const run = runFolder(home.home, home.runs.stopped);
  writeJson(attemptFiles(join(jobFiles(run).attempts, '1')).plan, { method: 'sft', of: 'another version' });
  writeJson(runFiles(run).artifact, { kind: 'lora', of: 'another version' });
  for (const url of ['/runs', '/models', `/runs/${home.runs.stopped}`]) {
    const { statusCode, body } = await other.inject({ url, headers: headers() });
    expect([url, statusCode]).toEqual([url, 200]);
    if (url !== '/models') expect(body).toContain(home.runs.stopped);
  }
  await other.close();
});

describe('one file that is torn, or of something else, is named and hides nothing else', () => {
  const files = (home: FixtureHome) => {
    const run = runFolder(home.home, home.runs.stopped);
    const attempt = attemptFiles(join(jobFiles(run).attempts, '1'));
    const model = modelFiles(join(home.home, 'models', 'broken'));
    const comparison = comparisonFiles(home.comparisons.hold);
    const { record, artifact, build, inspection, lint } = runFiles(run);
    const { gate, candidates, evidence, test: rows } = comparison;
    const ofAttempt = [attempt.plan, attempt.exit, attempt.supervisor, attempt.launch, attempt.events];
    return [record, artifact, build, inspection, lint, ...ofAttempt, model.record, comparison.record, gate, candidates, evidence, rows];
  };
  const numFiles = files(fixtureHome()).length;

  test.each(Array.from({ length: numFiles }, (_, number) => number))('file %i', async (number) => {
    const home = fixtureHome();
    const file = files(home)[number] as string;
    const other = createStudio(home.home, sessions);
    for (const text of ['{"torn', '[]', '']) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      for (const url of ['/runs', '/models', '/comparisons', '/start', '/chat', `/runs/${home.runs.failed}`]) {
        const { statusCode, body } = await other.inject({ url, headers: headers() });
        expect([file, text, url, statusCode]).toEqual([file, text, url, 200]);
        if (url === '/runs') expect(body).toContain(home.runs.stopped);
        if (url === '/models' && file.includes('/broken/')) expect(body).toContain('broken');
      }
    }
    for (const command of ['runs', 'models', 'comparisons']) {
      const program = [process.execPath, join(root, 'dist', 'cli', 'main.js'), command];
      const listed = await outcomeOf(program, { env: { ...process.env, SLIPWAY_HOME: home.home } });
      expect([file, command, listed.code]).toEqual([file, command, 0]);
    }
    await other.close();
  });
});

test('a comparison that another version has written, or whose evidence is damaged, is named and breaks no page', async () => {
  const home = fixtureHome();
  const other = createStudio(home.home, sessions);
  const open = (url: string) => other.inject({ url, headers: headers() });
  const { ship, hold } = home.comparisons;
  rmSync(comparisonFiles(hold).record);
  const listed = await open('/comparisons');
  expect(listed.statusCode).toBe(200);
  expect(listed.body).toContain(`another version of Slipway wrote them: ${basename(hold)}`);
  expect(listed.body).toContain(comparisonPath(ship).replace('&', '&amp;'));
  const old = await open(`/comparisons/${basename(hold)}`);
  expect([old.statusCode, old.body.includes('has format 1; this version of Slipway reads format 3')]).toEqual([409, true]);

  const { evidence } = comparisonFiles(ship);
  const [first, ...others] = readFileSync(evidence, 'utf8').split('\n');
  writeFileSync(evidence, [first?.slice(0, 40), ...others].join('\n'));
  const damaged = await open(`/comparisons/${basename(ship)}`);
  expect([damaged.statusCode, damaged.body.includes('.jsonl:1: ')]).toEqual([409, true]);
  expect((await open('/comparisons')).statusCode).toBe(200);
});

test('a verdict whose files were changed since is not shown: the page says what, the list says that', async () => {
  const home = fixtureHome();
  const other = createStudio(home.home, sessions);
  const open = (url: string) => other.inject({ url, headers: headers() });
  const { verdicts } = comparisonFiles(home.comparisons.hold);
  writeFileSync(verdicts, readFileSync(verdicts, 'utf8').replace('"decision":"hold"', '"decision":"ship"'));
  const id = basename(home.comparisons.hold);
  const page = await open((await open(`/comparisons/${id}`)).headers.location as string);
  expect([page.statusCode, page.body.includes(`${id} is not as it was recorded`)]).toEqual([409, true]);
  expect((await open('/comparisons')).body).toContain('lines of evidence, changed since they were recorded');
  await other.close();
});

describe('who may look', () => {
  test.each(['/runs', '/comparisons', '/models', '/chat', '/start', '/runs/changes', '/compare/a-vs-b'])(
    '%s asks for a key or a token',
    async (url) => {
      const { statusCode, body } = await app.inject({ url, headers: { host: '127.0.0.1' } });
      expect(statusCode).toBe(401);
      expect(body).toContain('This page shows your data');
      expect(body).not.toContain('tickets-2026');
    },
  );

  test('the printed link signs in once: the cookie is HttpOnly and SameSite, the address is clean, and the key is spent', async () => {
    const key = sessions.makeKey();
    const first = await app.inject({ url: `/runs?key=${key}`, headers: { host: '127.0.0.1' } });
    expect([first.statusCode, first.headers.location]).toEqual([303, '/runs']);
    expect(String(first.headers['set-cookie'])).toMatch(/HttpOnly; SameSite=Lax/);
    const again = await app.inject({ url: `/runs?key=${key}`, headers: { host: '127.0.0.1' } });
    expect(again.headers['set-cookie']).toBeUndefined();
    expect((await app.inject({ url: '/runs', headers: { host: '127.0.0.1' } })).statusCode).toBe(401);
  });

  test('the token of the home signs in too, a wrong one does not, and nobody is sent elsewhere', async () => {
    const token = readFileSync(adminTokenFile(fixture.home), 'utf8');
    const right = await post('/sign-in', { token, back: '/models' });
    expect([right.statusCode, right.headers.location]).toEqual([303, '/models']);
    const wrong = await post('/sign-in', { token: 'x', back: '/models' });
    expect([wrong.statusCode, wrong.headers['set-cookie']]).toEqual([401, undefined]);
    for (const back of ['//evil.example', 'http://evil.example', '/\\evil.example', '/\t/evil.example', '/%09/evil.example']) {
      expect((await post('/sign-in', { token, back })).headers.location).toBe('/');
      expect((await post('/theme', { theme: 'dark', back })).headers.location).toBe('/');
    }
    for (const url of ['//a//evil.example/?key=x', '/.//evil.example/?key=x', `//evil.example/?key=${sessions.makeKey()}`]) {
      const { statusCode, headers: sent } = await app.inject({ url, headers: { host: '127.0.0.1' } });
      expect([url, statusCode, sent.location ?? '/']).toEqual([url, expect.any(Number), '/']);
    }
    const bearer = await app.inject({ url: '/runs', headers: { host: '127.0.0.1', authorization: `Bearer ${token}` } });
    expect(bearer.statusCode).toBe(200);
  });

  test('a link that nobody has used ends after an hour', async () => {
    let time = 0;
    const timed = createSessions(() => time);
    const [used, unused] = [timed.makeKey(), timed.makeKey()];
    time = 59 * 60_000;
    expect(timed.useKey(used)).toEqual(expect.any(String));
    time = 61 * 60_000;
    expect(timed.useKey(unused)).toBeNull();
  });

  test.skipIf(process.getuid?.() !== 0)(
    'another user of this machine is refused, even with a cookie that is open (user-forbidden)',
    async () => {
      const address = await createStudio(fixture.home, sessions).listen({ host: '127.0.0.1', port: 0 });
      const port = new URL(address).port;
      const session = `slipway_${port}=${sessions.open()}`;
      const ask = `fetch('${address}/runs', { headers: { cookie: '${session}', accept: 'application/json' } }).then(async (r) => console.log(r.status, (await r.text()).slice(0, 200)))`;
      // Without what records errors: the other user may not even read this checkout.
      const env = { PATH: process.env.PATH };
      const asked = (uid: number) => promisify(execFile)(process.execPath, ['-e', ask], { uid, gid: uid, cwd: '/', env });
      expect((await asked(0)).stdout).toMatch(/^200/);
      expect((await asked(65_534)).stdout).toMatch(/^403 .*user-forbidden/);
    },
  );

  test('a name that is not this machine is refused (host-forbidden)', async () => {
    expect((await get('/runs', { host: 'evil.example' })).statusCode).toBe(403);
  });
});

describe('who may change something', () => {
  const stop = () => `/runs/${fixture.runs.stopped}/stop`;

  test('request-forged: without the session’s token, with another one, or from another origin', async () => {
    const csrf = csrfOf((await get(`/runs/${fixture.runs.stopped}`)).body);
    expect(csrf).not.toBe('');
    for (const [payload, more] of [
      [{}, {}],
      [{ csrf: 'wrong' }, {}],
      [{ csrf }, { origin: 'http://evil.example' }],
    ] as const) {
      const { statusCode, body } = await post(stop(), payload as Record<string, string>, { accept: 'application/json', ...more });
      expect([statusCode, JSON.parse(body).error.code]).toEqual([403, 'request-forged']);
    }
    const allowed = await post(stop(), { csrf }, { accept: 'application/json' });
    expect(JSON.parse(allowed.body).error.code).toBe('not-running');
  });

  test('a recipe from the browser names no file outside of the folders that were named (path-forbidden)', async () => {
    const folder = temporaryFolder('data');
    const other = temporaryFolder('elsewhere');
    writeFileSync(join(other, 'rows.jsonl'), '{"prompt": "a secret", "completion": "b"}\n');
    symlinkSync(join(other, 'rows.jsonl'), join(folder, 'linked.jsonl'));
    const recipe = join(process.cwd(), 'recipes', 'quickstart.yaml');
    const studio = createStudio(fixture.home, sessions, { data_folders: [folder] });
    const csrf = csrfOf((await get('/start')).body);
    const check = async (file: string) => {
      const payload = new URLSearchParams({ csrf, recipe, text: `model: m\nmethod: sft\ndata: {train: ${file}}\n`, action: 'check' });
      const type = { 'content-type': 'application/x-www-form-urlencoded' };
      return (await studio.inject({ method: 'POST', url: '/start/check', payload: payload.toString(), headers: headers(type) })).body;
    };
    for (const file of ['/etc/passwd', join(other, 'rows.jsonl'), join(folder, 'linked.jsonl'), join(folder, '..', 'x')]) {
      expect(await check(file)).toContain('outside of the folders that this studio may read');
    }
    cpSync(join(other, 'rows.jsonl'), join(folder, 'rows.jsonl'));
    expect(await check(join(folder, 'rows.jsonl'))).not.toContain('outside of the folders');
  });

  test('a recipe that is not of the list cannot be named', async () => {
    const csrf = csrfOf((await get('/start')).body);
    const { statusCode } = await post('/start', { csrf, recipe: '/etc/passwd', text: 'model: x', action: 'check' });
    expect(statusCode).toBe(404);
  });
});

describe('names of any length and letters', () => {
  test.each(['50% off #1?', 'Prüfung über Ärzte 医療', 'a'.repeat(100), '..&<b>', "it's"])('%s', async (name) => {
    const home = fixtureHome();
    const id = `${name}-20261120-090000-zz`;
    renameSync(runFolder(home.home, home.runs.stopped), runFolder(home.home, id));
    const { record } = runFiles(runFolder(home.home, id));
    writeJson(record, { ...JSON.parse(readFileSync(record, 'utf8')), id });
    const other = createStudio(home.home, sessions);
    const listed = (await other.inject({ url: '/runs', headers: headers() })).body;
    expect(listed).toContain(`href="/runs/${encodeURIComponent(id).replaceAll("'", '&#x27;')}"`);
    expect((await other.inject({ url: runPath(id), headers: headers() })).statusCode).toBe(200);
    const csrf = csrfOf(listed);
    const stopped = await other.inject({
      method: 'POST',
      url: runPath(id, '/stop'),
      payload: new URLSearchParams({ csrf }).toString(),
      headers: headers({ 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }),
    });
    expect(JSON.parse(stopped.body).error.code).toBe('not-running');
    const shown = await outcomeOf([process.execPath, join(root, 'dist', 'cli', 'main.js'), 'show', id], {
      env: { ...process.env, SLIPWAY_HOME: home.home },
    });
    expect([shown.code, shown.stdout.includes(id)]).toEqual([0, true]);
    await other.close();
  });

  test('a comparison of long names has an address that is answered', async () => {
    const candidate = (name: string) => ({ name: name.repeat(2000), model_ref: 'm'.repeat(2000) }) as Candidate;
    const slug = slugOf([candidate('a'), candidate('b')], 'a'.repeat(2000), 'b'.repeat(2000));
    expect(slug.length).toBeLessThan(150);
    expect(slugOf([candidate('医')], '医'.repeat(2000), 'b')).toMatch(/医/);
    expect(nameOfRecipe(`/r/${'é'.repeat(300)}.yaml`)).toBe('é'.repeat(50));
  });
});

describe('what pages hold', () => {
  test('scripts and styles come from files of ours only', async () => {
    const { headers: sent, body } = await get('/runs');
    expect(sent['content-security-policy']).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(sent['content-security-policy']).not.toContain('unsafe');
    expect(sent).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'same-origin', 'cache-control': 'no-store' });
    expect(body).not.toMatch(/<script(?![^>]* src=)|style="|\son\w+="/);
    for (const [, asset] of body.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g))
      expect([asset, (await get(asset as string)).statusCode]).toEqual([asset, 200]);
  });

  test('what people and models wrote stays text', async () => {
    for (const url of [`/runs/${fixture.runs.stopped}`, comparisonPath(fixture.comparisons.ship)]) {
      const { body, statusCode } = await get(url);
      expect(statusCode).toBe(200);
      expect(body).not.toContain(HOSTILE);
      expect(body).not.toMatch(/<img|<script>/);
      expect(body).toContain('&lt;img src=x');
    }
  });

  test('every state of a run has words and something to do', async () => {
    const state = async (id: string) => (await get(`/runs/${id}`)).body;
    expect(await state(fixture.runs.failed)).toMatch(/ran out of memory.*per_device_train_batch_size=1.*/s);
    expect(await state(fixture.runs.lost)).toMatch(/recorded no reason.*Resume/s);
    expect(await state(fixture.runs.stopped)).toMatch(/stopped with a checkpoint.*Resume/s);
    expect(await state(fixture.runs.preparing)).toContain('nothing has been started');
  });

  test('an empty home says what to do first', async () => {
    const empty = createStudio(temporaryFolder('empty-home'), sessions);
    const shown = async (url: string) => (await empty.inject({ url, headers: headers() })).body;
    expect(await shown('/runs')).toContain('No run yet');
    expect(await shown('/comparisons')).toContain('Nothing has been compared yet');
    expect(await shown('/models')).toContain('No model yet');
    expect(await shown('/chat')).toContain('No model to chat with yet');
    await empty.close();
  });

  test('page-not-found and run-not-found are pages with a way out; a program gets JSON', async () => {
    const page = await get('/nowhere');
    expect([page.statusCode, page.body.includes('There is no page /nowhere')]).toEqual([404, true]);
    expect((await get('/runs/nobody')).body).toContain('There is no run nobody');
    expect(JSON.parse((await get('/nowhere', { accept: 'application/json' })).body).error.code).toBe('page-not-found');
  });
});

describe('the page of a verdict', () => {
  test('one pair has one address: the other way round leads there, and the strongest baseline leads', async () => {
    const path = comparisonPath(fixture.comparisons.ship);
    const [slug, query] = path.replace('/compare/', '').split('?') as [string, string];
    const [a, b] = slug.split('-vs-') as [string, string];
    const turned = await get(`/compare/${b}-vs-${a}?${query}`);
    expect([turned.statusCode, turned.headers.location]).toEqual([301, path]);
    const { body } = await get(path);
    expect(body.indexOf('tuned minus prompted')).toBeGreaterThan(0);
    expect(body.indexOf('tuned minus prompted')).toBeLessThan(body.indexOf('tuned minus bare'));
  });

  test('without a verdict the page says how far it is, and offers to continue', async () => {
    const path = comparisonPath(fixture.comparisons.hold);
    const id = basename(fixture.comparisons.hold);
    const verdicts = comparisonFiles(fixture.comparisons.hold).verdicts;
    const kept = readFileSync(verdicts, 'utf8');
    rmSync(verdicts);
    const { statusCode, body } = await get(path);
    expect(statusCode).toBe(200);
    expect(body).toMatch(/nothing has been measured[\s\S]*150 lines of evidence on 40 test rows[\s\S]*aria-label="tuned: 40 of 40 rows"/);
    expect(body).toContain(`action="/comparisons/${id}/resume"`);
    const stopped = await post(`/comparisons/${id}/stop`, { csrf: csrfOf(body) }, { accept: 'application/json' });
    expect(JSON.parse(stopped.body).error.code).toBe('not-running');
    writeFileSync(verdicts, kept);
  });

  test('a run is told the comparisons of its adapter by the hash of what is served', async () => {
    const run = runFolder(fixture.home, fixture.runs.stopped);
    const page = async () => (await get(`/runs/${fixture.runs.stopped}`)).body;
    expect(await page()).not.toContain(basename(fixture.comparisons.ship));
    const figures = {
      base_type: 'F32',
      num_rows: 1,
      num_tokens: 1,
      num_rows_other_ids: 0,
      mean_nats: 0,
      worst_nats: 0,
      adapter_change_nats: 1,
    };
    writeJson(runFiles(run).build, {
      kind: 'gguf-lora',
      file: { path: 'adapter.gguf', sha256: 'b'.repeat(64), bytes: 1 },
      source_sha256: 's',
      converter: 'c',
      parity: { float32: figures, served: figures, raw: { path: 'parity.jsonl', sha256: 'r', bytes: 1 } },
    });
    expect(await page()).toContain(basename(fixture.comparisons.ship));
  });
});
