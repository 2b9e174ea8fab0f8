/** A data file of any size in one pass: under a heap that could not hold it. */
import { createWriteStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/home.js';
import { outcomeOf, slipwayProgram } from '../support/slipway.js';

const NUM_ROWS = 150_000;
const HEAP_MEGABYTES = 96;

test('150,000 rows of 180 MB within a heap of 96 MB; errors by line, warnings by count', async () => {
  const file = join(temporaryFolder('check-file'), 'rows.jsonl');
  const stream = createWriteStream(file);
  const words = 'the pump of the third line stands still since noon and nobody knows why '.repeat(14);
  for (let n = 0; n < NUM_ROWS; n++) {
    const row =
      n === 77_000
        ? { prompt: `Row ${n}` }
        : { prompt: `Row ${spelled(n)}: ${words}`, completion: n % 1000 ? `Answer ${n}` : 'call +49 30 901820' };
    if (!stream.write(`${JSON.stringify(row)}\n`)) await new Promise<void>((resolve) => stream.once('drain', () => resolve()));
  }
  await new Promise<void>((resolve) => stream.end(() => resolve()));
  expect(statSync(file).size).toBeGreaterThan(150_000_000);
  const [node, main] = slipwayProgram as [string, string];
  const outcome = await outcomeOf([node, `--max-old-space-size=${HEAP_MEGABYTES}`, main, 'check', file, '--json']);
  const found = JSON.parse(outcome.stdout) as Record<string, never>;
  expect(found).toMatchObject({ num_rows: NUM_ROWS - 1, num_problems: 1, rows_by_format: { 'prompt-completion': NUM_ROWS - 1 } });
  expect(found).toMatchObject({ problems: [{ line: 77_001 }], warnings: [{ kind: 'phone number', count: 150 - 1 }] });
  expect(found).toMatchObject({ ok: false, error: { code: 'data-row-invalid' } });
  expect(outcome.code).toBe(2);
}, 120_000);

/** In letters, since digits do not count for what is alike. */
function spelled(n: number): string {
  return [...String(n)].map((digit) => 'abcdefghij'[Number(digit)]).join('');
}
