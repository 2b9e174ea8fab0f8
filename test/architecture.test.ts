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

test('no files import each other in a circle', () => {
  const imports = importGraph();
  const circles = stronglyConnected(imports)
    .filter((group) => group.length > 1 || imports.get(group[0] as string)?.includes(group[0] as string))
    .map((group) => circleText(group, imports));
  expect(circles).toEqual([]);
});

test('protocol imports nothing but zod', () => {
  for (const file of files(join(src, 'protocol'), /(?<!test)\.ts$/)) {
    for (const [, target] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)[^;(=]*? from '([^.'][^']*)'/gm))
      expect([file, target]).toEqual([file, 'zod']);
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

/** The relative imports of each file in src, as paths from src. Imports of types count too. */
function importGraph(): Map<string, string[]> {
  const sources = files(src, /\.tsx?$/);
  // An import names the compiled file; the source ends in .ts or .tsx.
  const fileOf = new Map(sources.map((file) => [file.replace(/\.tsx?$/, '.js'), relative(src, file)]));
  return new Map(
    sources.map((file) => {
      const targets = [...readFileSync(file, 'utf8').matchAll(/(?:from|import\(|import)\s*'(\.[^']+)'/g)].flatMap(
        ([, target]) => fileOf.get(join(dirname(file), target as string)) ?? [],
      );
      return [relative(src, file), [...new Set(targets)]];
    }),
  );
}

/** Tarjan's algorithm: the sets of files of which each reaches each other through imports. */
function stronglyConnected(graph: Map<string, string[]>): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const groups: string[][] = [];
  const visit = (file: string): void => {
    const number = order.size;
    order.set(file, number);
    lowest.set(file, number);
    stack.push(file);
    for (const target of graph.get(file) ?? []) {
      if (!order.has(target)) visit(target);
      if (stack.includes(target)) lowest.set(file, Math.min(lowest.get(file) as number, lowest.get(target) as number));
    }
    if (lowest.get(file) === number) groups.push(stack.splice(stack.indexOf(file)));
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return groups;
}

/** A shortest circle through the first file of a group, as "a -> b -> a". */
function circleText(group: string[], graph: Map<string, string[]>): string {
  const [start] = [...group].sort() as [string];
  const paths = [[start]];
  for (const path of paths) {
    for (const target of graph.get(path.at(-1) as string) ?? []) {
      if (target === start) return [...path, start].join(' -> ');
      if (group.includes(target) && !paths.some((known) => known.at(-1) === target)) paths.push([...path, target]);
    }
  }
  return group.join(', ');
}
