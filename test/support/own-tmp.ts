/** Before each test file: a folder of its own for temporary files, of its commands too, which is removed when the file is done. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

process.env.SLIPWAY_OUTER_TMPDIR ??= tmpdir();
const folder = mkdtempSync(join(process.env.SLIPWAY_OUTER_TMPDIR, 'slipway-test-'));
process.env.TMPDIR = folder;

afterAll(() => {
  // What a test has started may still be ending.
  if (!process.env.SLIPWAY_KEEP_TMP) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});
