/** Endpoints that a home keeps under a name: in the terminal and in the browser. The key is used, and in no output. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readComparison } from '../../src/compare/comparison.js';
import { createSessions } from '../../src/server/sessions.js';
import { createStudio } from '../../src/server/studio.js';
import { comparisonFolder, endpointFile } from '../../src/store/home.js';
import { readStatus } from '../../src/tune/launch/attempts.js';
import { type Endpoint, startEndpoint } from '../support/endpoint.js';
import { HOSTILE } from '../support/fixture-home.js';
import { root, temporaryFolder } from '../support/home.js';
import { pagesOf } from '../support/pages.js';
import { outcomeOf, slipwayProgram } from '../support/slipway.js';

const KEY = 'sk-very-secret';
const home = temporaryFolder('endpoints');
const rows = join(temporaryFolder('endpoint-rows'), 'rows.jsonl');
const label = (question: string) => ['red', 'green', 'blue'][Number(/\d+/.exec(question)?.[0]) % 3] as string;
let locked: Endpoint;
let open: Endpoint;

beforeAll(async () => {
  [locked, open] = [await startEndpoint(label, 'my-model', KEY), await startEndpoint(() => 'red')];
  const lines = Array.from({ length: 24 }, (_, i) => ({ prompt: `Colour of ${i}?`, completion: label(`${i}`) }));
  writeFileSync(rows, lines.map((row) => `${JSON.stringify(row)}\n`).join(''));
});
afterAll(() => {
  locked.server.close();
  open.server.close();
});

const slipway = (...words: string[]) =>
  outcomeOf([...slipwayProgram, ...words], { cwd: root, env: { ...process.env, SLIPWAY_HOME: home, NO_COLOR: '1', OUR_KEY: KEY } });
const errorOf = async (...words: string[]) =>
  JSON.parse((await slipway(...words, '--json')).stdout).error as { code: string; message: string };
/** Every file of the home that holds the key. */
const holders = () =>
  readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && readFileSync(join(entry.parentPath, entry.name), 'utf8').includes(KEY))
    .map(({ name }) => name);

describe('in the terminal', () => {
  test('is asked before it is kept: a wrong key, address, name or model is said, and nothing is kept', async () => {
    expect(await errorOf('endpoints', 'ours', locked.address)).toMatchObject({
      code: 'endpoint-failed',
      message: expect.stringContaining('401'),
    });
    expect(await errorOf('endpoints', 'ours', `${open.address}#other`)).toMatchObject({
      message: expect.stringContaining('it serves my-model'),
    });
    expect(await errorOf('endpoints', '../ours', 'ftp://host')).toMatchObject({
      code: 'endpoint-invalid',
      message: expect.stringMatching(/name must be .*; base_url must be/),
    });
    expect(await errorOf('endpoints', 'ours', 'http://me:secret@127.0.0.1:1/v1#m')).toMatchObject({ code: 'endpoint-invalid' });
    expect((await errorOf('endpoints', 'ours', 'http://127.0.0.1:1/v1#m')).code).toBe('endpoint-failed');
    expect((await errorOf('endpoints', 'ours')).code).toBe('endpoint-not-found');
    expect(JSON.parse((await slipway('endpoints', '--json')).stdout)).toEqual([]);
  }, 60_000);

  test('is compared with by its name; its key is in one file, for its owner alone, and in no output', async () => {
    const kept = await slipway('endpoints', 'ours', locked.address, '--api-key-env', 'OUR_KEY');
    expect([kept.code, kept.stdout]).toEqual([0, expect.stringMatching(/ours +http:\S+ +my-model +kept/)]);
    await slipway('endpoints', 'theirs', `${open.address}/`);
    expect(statSync(endpointFile(home, 'ours')).mode & 0o777).toBe(0o600);
    const compared = await slipway(
      'compare',
      'ours',
      'theirs',
      '--test',
      rows,
      '--rule',
      'margin=0.3',
      '--rule',
      'guardrails.time_to_first_token_ms=9000',
      '--json',
    );
    const { comparison, conclusion, verdicts } = JSON.parse(compared.stdout);
    expect([compared.code, conclusion]).toEqual([0, 'ours is better']);
    expect(verdicts[0]).toMatchObject({
      challenger: 'ours',
      margin: 0.3,
      guardrails: [{ guardrail: 'time_to_first_token_ms', limit: 9000 }],
    });
    expect([...locked.keys]).toEqual(['none', `Bearer ${KEY}`]);
    expect(open.keys).toEqual(new Set(['none']));
    const outputs = [
      kept,
      compared,
      await slipway('endpoints', '--json'),
      await slipway('endpoints', 'ours'),
      await slipway('show', comparison, '--json'),
    ];
    expect(outputs.filter(({ stdout, stderr }) => `${stdout}${stderr}`.includes(KEY))).toEqual([]);
    expect(holders()).toEqual(['ours.json']);
  }, 60_000);

  test('a rule that a comparison of two does not have, or that cannot be judged by, is refused', async () => {
    const ruled = (rule: string) => errorOf('compare', 'ours', 'theirs', '--test', rows, '--rule', rule);
    expect(await ruled('looks=5')).toMatchObject({ code: 'option-invalid', message: expect.stringContaining('its rule has metric') });
    expect((await ruled('margin')).code).toBe('option-invalid');
    expect(await ruled('metric=regex')).toMatchObject({ code: 'gate-invalid', message: expect.stringContaining('pattern') });
    expect((await ruled('margin=-0.1')).code).toBe('gate-margin-negative');
  }, 60_000);

  test('once it is removed, what was measured with it is kept, and nothing more is asked', async () => {
    const other = await startEndpoint(() => 'green');
    await slipway('endpoints', 'short', other.address);
    expect((await slipway('compare', 'short', 'theirs', '--test', rows, '--json')).code).toBe(0);
    expect(JSON.parse((await slipway('endpoints', 'short', '--remove', '--json')).stdout)).toEqual({ removed: 'short' });
    expect((await errorOf('endpoints', 'short', '--remove')).code).toBe('endpoint-not-found');
    const [id] = (JSON.parse((await slipway('comparisons', '--json')).stdout) as { id: string; title?: string }[]).map((one) => one.id);
    expect(JSON.parse((await slipway('verify', id as string, '--json')).stdout)).toMatchObject({ ok: true });
    expect((await errorOf('verify', id as string, '--replay', '2')).code).toBe('endpoint-not-found');
    other.server.close();
  }, 60_000);
});

describe('in the browser', () => {
  const app = createStudio(home, createSessions(), { data_folders: [dirname(rows)] });
  const { get, post } = pagesOf(home, app);
  afterAll(() => app.close());

  test('is added with a key that no page shows, offered for comparisons, and removed', async () => {
    const fields = { name: 'desk-server', base_url: locked.address, model: '' };
    const wrong = await post('/endpoints', { ...fields, api_key: 'sk-wrong-one' });
    expect([wrong.statusCode, wrong.body]).toEqual([500, expect.stringContaining('answered 401')]);
    // The server quotes the key that it refuses.
    expect(wrong.body).toContain('wrong key: Bearer …');
    expect(wrong.body).toContain('value="desk-server"');
    expect(wrong.body).not.toContain('sk-wrong-one');
    expect((await post('/endpoints', { ...fields, api_key: KEY })).headers.location).toBe('/endpoints');
    const page = (await get('/endpoints')).body;
    for (const text of ['desk-server', 'my-model', 'kept, not shown', 'stay on this machine']) expect(page).toContain(text);
    const choice = (await get('/comparisons/new?a=desk-server')).body;
    expect(choice).toContain('<optgroup label="Endpoints on this machine"><option selected="">desk-server</option>');
    expect([page, choice].filter((body) => body.includes(KEY))).toEqual([]);
    expect((await post('/endpoints/desk-server/remove', {})).statusCode).toBe(303);
    expect((await post('/endpoints/desk-server/remove', {})).statusCode).toBe(404);
    expect((await get('/endpoints')).body).not.toContain('desk-server');
  });

  test('a comparison of two is begun with a rule of its own, and one that cannot be judged by is refused on the page that waits', async () => {
    const asked = { a: 'ours', b: 'theirs', test: rows, metric: 'contains', margin: '0.2', 'guardrails.valid_json': '' };
    const started = await post('/comparisons/new', asked);
    let location = String(started.headers.location);
    expect(location).toMatch(/^\/starting\//);
    for (let i = 0; i < 200 && location.startsWith('/starting/'); i++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      location = String((await get(location)).headers.location ?? location);
    }
    const id = location.split('/').at(-1) as string;
    const { gate } = readComparison(comparisonFolder(home, id));
    expect([gate.metric, gate.margin, gate.guardrails, gate.looks]).toEqual(['contains', 0.2, {}, 2]);
    await expect.poll(() => readStatus(comparisonFolder(home, id)), { timeout: 30_000 }).toBe('done');
    const wrong = String((await post('/comparisons/new', { ...asked, metric: 'regex' })).headers.location);
    await expect.poll(async () => (await get(wrong)).body).toContain('write the regular expression');
    const elsewhere = await post('/comparisons/new', { ...asked, metric: 'function', 'function.file': '/etc/score.py' });
    expect([elsewhere.statusCode, elsewhere.body]).toEqual([403, expect.stringContaining('/etc/score.py')]);
  });

  test('what is typed stays text, a name leads out of no folder, and a damaged one is named and can be removed', async () => {
    const hostile = await post('/endpoints', { name: HOSTILE, base_url: HOSTILE, model: HOSTILE, api_key: 'two words' });
    expect(hostile.statusCode).toBe(400);
    expect(hostile.body).not.toContain('<script>alert');
    expect((await post(`/endpoints/${encodeURIComponent('../price')}/remove`, {})).statusCode).toBe(404);
    writeFileSync(endpointFile(home, 'torn'), '{');
    expect((await get('/endpoints')).body).toContain('torn');
    expect((await post('/endpoints/torn/remove', {})).statusCode).toBe(303);
  });
});
