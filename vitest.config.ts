import { defineConfig } from 'vitest/config';

/** What `npm test` runs: no Python, no engine, nothing built. */
const UNIT = ['src/**/*.test.ts', 'test/*.test.ts'];
/** Of the others, those that start no engine and no training, in homes of their own: side by side they take half the time. */
const LIGHT = [
  ...['false-ships', 'full-disk', 'generated', 'hostile-rows', 'ledger', 'mutations', 'whole-buffers'].map(
    (name) => `test/contract/${name}.test.ts`,
  ),
  ...[
    'check-file',
    'comparison-pages',
    'comparisons',
    'endpoints',
    'gate-page',
    'other-machines',
    'parquet',
    'run-page',
    'studio',
    'studio-data',
  ].map((name) => `test/e2e/${name}.test.ts`),
];

/** The rest starts engines and training, one file at a time in each of two groups; `verify` gives each half of the cores. */
const FIRST = ['own-data', 'lifecycle', 'gemma'].map((name) => `test/e2e/${name}.test.ts`);
const WHOLE = {
  // Half of two cores is one.
  testTimeout: 240_000,
  // Side by side they would share cores: two threads on busy ones wait for each other.
  fileParallelism: false,
  globalSetup: 'test/support/setup.ts',
};

export default defineConfig({
  test: {
    testTimeout: 60_000,
    setupFiles: ['test/support/own-tmp.ts', 'test/support/record-errors.ts'],
    hookTimeout: 900_000,
    projects: [
      { extends: true, test: { name: 'unit', include: UNIT } },
      { extends: true, test: { name: 'light', include: LIGHT, maxWorkers: 2, sequence: { groupOrder: 1 } } },
      { extends: true, test: { ...WHOLE, name: 'first', include: FIRST, sequence: { groupOrder: 2 } } },
      {
        extends: true,
        test: {
          ...WHOLE,
          name: 'second',
          include: ['test/contract/*.test.ts', 'test/e2e/*.test.ts'],
          exclude: [...LIGHT, ...FIRST],
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
