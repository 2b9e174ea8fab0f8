import { defineConfig } from 'vitest/config';

/** What `npm test` runs: no Python, no engine, nothing built. */
const UNIT = ['src/**/*.test.ts', 'test/*.test.ts'];
/** Of the others, those that start no engine and no training, in homes of their own: side by side they take half the time. */
const LIGHT = [
  ...['false-ships', 'full-disk', 'generated', 'hostile-rows', 'ledger', 'mutations', 'whole-buffers'].map(
    (name) => `test/contract/${name}.test.ts`,
  ),
  ...['check-file', 'comparisons', 'other-machines', 'parquet', 'studio'].map((name) => `test/e2e/${name}.test.ts`),
];

export default defineConfig({
  test: {
    testTimeout: 60_000,
    setupFiles: 'test/support/record-errors.ts',
    hookTimeout: 600_000,
    projects: [
      { extends: true, test: { name: 'unit', include: UNIT } },
      { extends: true, test: { name: 'light', include: LIGHT, maxWorkers: 2, sequence: { groupOrder: 1 } } },
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['test/contract/*.test.ts', 'test/e2e/*.test.ts'],
          exclude: LIGHT,
          sequence: { groupOrder: 2 },
          // Tests start engines and training: side by side they would share two cores and time out.
          fileParallelism: false,
          globalSetup: 'test/support/setup.ts',
        },
      },
    ],
  },
});
