import { defineConfig } from 'vitest/config';

/** What `npm test` runs: no Python, no engine, nothing built. */
const UNIT = ['src/**/*.test.ts', 'test/*.test.ts'];

export default defineConfig({
  test: {
    testTimeout: 60_000,
    setupFiles: 'test/support/record-errors.ts',
    hookTimeout: 600_000,
    projects: [
      { extends: true, test: { name: 'unit', include: UNIT } },
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['test/contract/*.test.ts', 'test/e2e/*.test.ts'],
          // Tests start engines and training: side by side they would share two cores and time out.
          fileParallelism: false,
          globalSetup: 'test/support/setup.ts',
        },
      },
    ],
  },
});
