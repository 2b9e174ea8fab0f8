/** Who may import whom, how long a file may be, and that the README names every room. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const src = join(root, 'src');
const files = (folder: string, ending: RegExp) =>
  (readdirSync(folder, { recursive: true }) as string[]).filter((name) => ending.test(name)).map((name) => join(folder, name));

const LEAVES = ['protocol', 'http', 'model', 'data', 'store'];
const JOBS = ['run', 'tune', 'compare'];
const MAY_IMPORT: Record<string, string[]> = {
  protocol: [],
  http: ['protocol'],
  model: ['protocol'],
  data: ['protocol'],
  store: ['protocol'],
  run: LEAVES,
  tune: LEAVES,
  compare: LEAVES,
  flow: [...LEAVES, ...JOBS],
  web: ['protocol'],
  server: [...LEAVES, ...JOBS, 'flow', 'web'],
  // It starts the server, and shows nothing of it.
  cli: [...LEAVES, ...JOBS, 'flow', 'server'],
};

test('imports go down the table only', () => {
  const breaches: string[] = [];
  for (const file of files(src, /\.tsx?$/)) {
    const room = relative(src, file).split('/')[0] as string;
    for (const [, target] of readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)) {
      const other = relative(src, join(dirname(file), target as string)).split('/')[0] as string;
      if (other !== room && !MAY_IMPORT[room]?.includes(other)) breaches.push(`${relative(root, file)} imports ${other}`);
    }
  }
  expect(breaches).toEqual([]);
});

test('protocol imports nothing but zod', () => {
  for (const file of files(join(src, 'protocol'), /(?<!test)\.ts$/)) {
    for (const [, target] of readFileSync(file, 'utf8').matchAll(/from\s*'([^.'][^']*)'/g)) expect([file, target]).toEqual([file, 'zod']);
  }
});

test('no file is over 400 lines', () => {
  const long = [...files(src, /\.tsx?$/), ...files(join(root, 'python', 'worker'), /\.py$/), ...files(join(root, 'scripts'), /\.mjs$/)]
    .map((file) => [relative(root, file), readFileSync(file, 'utf8').split('\n').length] as const)
    .filter(([, lines]) => lines > 400);
  expect(long).toEqual([]);
});

test('the README names every folder of src and of the worker', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const folders = (folder: string) =>
    readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory() && !entry.name.startsWith('_'));
  const rooms = [...folders(src), ...folders(join(root, 'python', 'worker'))].map(({ name }) => name);
  expect(rooms.filter((name) => !readme.includes(`${name}/`))).toEqual([]);
});
