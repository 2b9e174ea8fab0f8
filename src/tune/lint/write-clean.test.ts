/** A clean copy of a dirty file. */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeClean } from './write-clean.js';

const folder = mkdtempSync(join(tmpdir(), 'slipway-clean-'));
const lines = (...rows: unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const codeOf = (act: () => Promise<unknown>) =>
  act().then(
    () => null,
    (error: { code: string }) => error.code,
  );

test('write-clean: the good rows with the columns they have, and why each other one was left out; nothing is written over', async () => {
  const good = Array.from({ length: 78 }, (_, i) => ({ frage: `Q${i}`, antwort: `{"n": ${i}}`, patient: 3 }));
  const path = join(folder, 'dirty.jsonl');
  const odd = { frage: 'Q', antwort: '{"n": 7' };
  writeFileSync(path, `${lines(...good, odd)}{"frage": "Q", "antwort": ""}\n{"frage": "Q", "ant\n`);
  const out = join(folder, 'clean.jsonl');
  const reading = { columns: { prompt: 'frage', completion: 'antwort' } };
  const cleaned = await writeClean(path, reading, { out, onRows: () => undefined });
  expect(cleaned).toEqual({ out, left_out: join(folder, 'clean.left-out.txt'), num_written: 78, num_left_out: 3 });
  expect(readFileSync(out, 'utf8')).toBe(lines(...good));
  const reasons = readFileSync(cleaned.left_out, 'utf8').trimEnd().split('\n');
  expect(reasons.map((line) => line.slice(path.length, path.length + 22))).toEqual([
    ':79: the answer: not a',
    ':80: antwort: an empty',
    ':81: not JSON: Untermi',
  ]);
  expect(await codeOf(() => writeClean(path, reading, { out, onRows: () => undefined }))).toBe('file-exists');
  const nowhere = join(folder, 'none', 'clean.jsonl');
  expect(await codeOf(() => writeClean(path, reading, { out: nowhere, onRows: () => undefined }))).toBe('file-not-found');
  const other = join(folder, 'clean.csv');
  expect(await codeOf(() => writeClean(path, reading, { out: other, onRows: () => undefined }))).toBe('option-invalid');
  expect(readdirSync(folder).sort()).toEqual(['clean.jsonl', 'clean.left-out.txt', 'dirty.jsonl']);
});
