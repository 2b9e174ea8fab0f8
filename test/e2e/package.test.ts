/** The package as others get it: packed, installed into an empty folder, small enough, and with an engine that answers. */
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root, temporaryFolder, testHome, testModel } from '../support/home.js';
import { outcomeOf } from '../support/slipway.js';

const MAX_INSTALLED_BYTES = 300_000_000;

test('npm pack, then installed in an empty folder: the same command, under 300 MB', async () => {
  await testModel();
  const folder = temporaryFolder('package');
  const npm = (where: string, ...commandLine: string[]) =>
    execFileSync('npm', [...commandLine, '--loglevel', 'error'], { cwd: where, encoding: 'utf8' });
  const [packed] = JSON.parse(npm(root, 'pack', '--json', '--pack-destination', folder)) as {
    filename: string;
    files: { path: string }[];
  }[];
  const paths = packed?.files.map(({ path }) => path) ?? [];
  for (const wanted of [
    'dist/cli/main.js',
    'dist/web/style.css',
    'dist/web/client/live.js',
    'python/worker/__main__.py',
    'recipes/quickstart.yaml',
    'python/requirements.lock',
    'python/requirements-cpu.lock',
    'python/requirements-cuda.lock',
    'npm-shrinkwrap.json',
  ]) {
    expect(paths).toContain(wanted);
  }
  expect(paths.filter((path) => /\.pyc$|\.test\.|^src\//.test(path) && !path.startsWith('node_modules/'))).toEqual([]);

  writeFileSync(join(folder, 'package.json'), '{"private": true}');
  npm(folder, 'install', join(folder, packed?.filename ?? ''), '--no-audit', '--no-fund', '--prefer-offline');
  const installed = sizeOf(join(folder, 'node_modules'));
  console.log(`installed: ${(installed / 1e6).toFixed(0)} MB`);
  expect(installed).toBeLessThan(MAX_INSTALLED_BYTES);
  const slipway = join(folder, 'node_modules', '.bin', 'slipway');
  expect(existsSync(slipway)).toBe(true);
  // What is installed is what was locked, of what the packages need as well.
  const locked = JSON.parse(readFileSync(join(root, 'npm-shrinkwrap.json'), 'utf8')) as {
    packages: Record<string, { version: string; dev?: boolean }>;
  };
  const versionIn = (path: string) => (JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as { version: string }).version;
  for (const name of ['fastify', 'zod', 'csv-parse', 'avvio', 'hysnappy']) {
    const places = [join(folder, 'node_modules', 'slipway', 'node_modules', name), join(folder, 'node_modules', name)];
    expect([name, versionIn(places.find(existsSync) as string)]).toEqual([name, locked.packages[`node_modules/${name}`]?.version]);
  }
  const env = { ...process.env, SLIPWAY_HOME: testHome };
  expect((await outcomeOf([slipway, '--version'], { cwd: folder, env })).stdout).toMatch(/^\d+\.\d+\.\d+/);
  const asked = await outcomeOf([slipway, 'chat', 'smollm2-135m-instruct', '--ask', 'Hello', '--json'], { cwd: folder, env });
  expect(JSON.parse(asked.stdout)).toMatchObject({ model: 'smollm2-135m-instruct', answer: expect.stringMatching(/\w/) });
}, 300_000);

function sizeOf(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    return sum + (entry.isDirectory() ? sizeOf(path) : lstatSync(path).size);
  }, 0);
}
