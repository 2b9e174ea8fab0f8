import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // Tests start engines and training: side by side they would share two cores and time out.
    fileParallelism: false,
    globalSetup: 'test/support/setup.ts',
    testTimeout: 60_000,
    hookTimeout: 600_000,
  },
});
