/** A data set by its name on the Hub, from a server that speaks as the Hub does: fetched once, gone on with after a break, read offline. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fetchDataset } from '../../src/run/weights/fetch-dataset.js';
import { datasetFolder } from '../../src/store/home.js';
import { recipeSplits } from '../../src/tune/prepare.js';
import { readRecipe } from '../../src/tune/read-recipe.js';
import { failure } from '../support/failure.js';
import { temporaryFolder, testHome, testPython } from '../support/home.js';
import { slipway } from '../support/slipway.js';

const folder = temporaryFolder('dataset');
const asked: string[] = [];
let server: Server;
let breaksOff = true;

beforeAll(async () => {
  const script = `
import sys, pyarrow as pa, pyarrow.parquet as pq
rows = [{"prompt": f"Question {n}", "completion": f"Answer {n}"} for n in range(200)]
pq.write_table(pa.Table.from_pylist(rows), sys.argv[1])`;
  execFileSync(testPython(), ['-c', script, join(folder, 'rows.parquet')]);
  const bytes = readFileSync(join(folder, 'rows.parquet'));
  server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.range ?? ''}`);
    if (request.url === '/api/datasets/org/rows/parquet') {
      const url = `${process.env.HF_ENDPOINT}/rows.parquet`;
      return response.setHeader('content-type', 'application/json').end(JSON.stringify({ default: { train: [url] } }));
    }
    if (request.url !== '/rows.parquet') return response.writeHead(404).end();
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': bytes.length - from });
    if (!breaksOff) return response.end(bytes.subarray(from));
    breaksOff = false;
    response.write(bytes.subarray(from, 1000), () => setTimeout(() => response.destroy(), 50));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.env.HF_ENDPOINT = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  delete process.env.HF_ENDPOINT;
  server.close();
});

test('fetched by name, gone on with after a broken line, and read from then on without asking', async () => {
  const recipe = join(folder, 'hub.yaml');
  writeFileSync(
    recipe,
    'model: smollm2-135m-instruct\nmethod: sft\ndata: {file: "hub:org/rows", dev: 0.1, test: 0.1}\nallow: [near-duplicates]\n',
  );
  expect((await failure(() => recipeSplits(readRecipe(recipe)))).code).toBe('dataset-not-here');
  const quiet = { offline: false, onProgress: () => undefined };
  expect((await failure(() => fetchDataset(testHome, 'org/rows', { ...quiet, offline: true }))).code).toBe('offline-not-cached');
  expect((await failure(() => fetchDataset(testHome, 'org/rows', quiet))).code).toBe('dataset-fetch-failed');

  const { stdout } = await slipway('pull', 'hub:org/rows', '--json');
  expect(JSON.parse(stdout)).toEqual({ folder: datasetFolder(testHome, 'org/rows') });
  expect(asked.at(-1)).toBe('/rows.parquet bytes=1000-');
  expect(readFileSync(join(datasetFolder(testHome, 'org/rows'), '00000.parquet'))).toEqual(readFileSync(join(folder, 'rows.parquet')));

  const numAsked = asked.length;
  await fetchDataset(testHome, 'org/rows', { ...quiet, offline: true });
  const splits = await recipeSplits(readRecipe(recipe));
  expect(splits.train.length + splits.dev.length + splits.test.length).toBe(200);
  expect(asked.length).toBe(numAsked);
});

test('the token goes to the Hub alone, and not to where its files lie', async () => {
  const tokens: Record<string, string | undefined> = {};
  const listening = async (answer: (url: string) => string) => {
    const one = createServer((request, response) => {
      tokens[request.url as string] = request.headers.authorization;
      response.setHeader('content-type', 'application/json').end(answer(request.url as string));
    });
    await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
    return { one, origin: `http://127.0.0.1:${(one.address() as AddressInfo).port}` };
  };
  const store = await listening(() => 'bytes');
  const hub = await listening(() => JSON.stringify({ default: { train: [`${store.origin}/file.parquet`] } }));
  const before = process.env.HF_ENDPOINT;
  Object.assign(process.env, { HF_ENDPOINT: hub.origin, HF_TOKEN: 'hf_secret' });
  await fetchDataset(temporaryFolder('token'), 'org/rows', { offline: false, onProgress: () => undefined });
  delete process.env.HF_TOKEN;
  process.env.HF_ENDPOINT = before;
  expect(tokens).toEqual({ '/api/datasets/org/rows/parquet': 'Bearer hf_secret', '/file.parquet': undefined });
  for (const { one } of [store, hub]) one.close();
});

test('a name that the Hub does not know', async () => {
  const error = await failure(() => fetchDataset(testHome, 'org/none', { offline: false, onProgress: () => undefined }));
  expect(error).toMatchObject({ code: 'dataset-fetch-failed', message: expect.stringContaining('404') });
});
