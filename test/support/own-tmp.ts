/** Before each test file: a folder of its own for temporary files, of its commands too, which is removed when the file is done. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

process.env.SLIPWAY_OUTER_TMPDIR ??= tmpdir();
const folder = mkdtempSync(join(process.env.SLIPWAY_OUTER_TMPDIR, 'slipway-test-'));
process.env.TMPDIR = folder;

afterAll(() => {
  if (process.env.SLIPWAY_KEEP_TMP) return;
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  } catch (error) {
    // What a test has started may still be writing: no test has failed for that.
    process.stderr.write(`${folder} is left: ${(error as Error).message}\n`);
  }
});
