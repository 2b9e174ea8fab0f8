import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeJson, writeWhole } from '../../store/files.js';
import { attemptFiles } from '../../store/home.js';
import { firstFailure, workerPids } from './first-failure.js';

function attemptWith(records: Record<string, object>): string {
  const attempt = mkdtempSync(join(tmpdir(), 'failure-'));
  const { workers } = attemptFiles(attempt);
  mkdirSync(workers);
  for (const [name, record] of Object.entries(records)) writeJson(join(workers, name), record);
  return attempt;
}

const failed = (code: string, at: number) => ({ code, data: { problem: code }, at });

test('the earliest error is the cause of the others', () => {
  const attempt = attemptWith({ '0.error.json': failed('worker-failed', 12.5), '1.error.json': failed('out-of-memory', 12.4) });
  expect(firstFailure(attempt)).toEqual({ rank: 1, error: { code: 'out-of-memory', data: { problem: 'out-of-memory' } } });
});

test('a killed process comes before the errors of those that it left alone', () => {
  const attempt = attemptWith({ '0.error.json': failed('worker-failed', 12), 'killed.json': { rank: 1, signal: 'SIGKILL' } });
  expect(firstFailure(attempt)).toEqual({ rank: 1, error: { code: 'worker-killed', data: { signal: 'SIGKILL' } } });
});

test('pids are read beside errors, and what is torn is passed over', () => {
  const attempt = attemptWith({ '0.json': { pid: 7 }, '1.json': { pid: 8 }, '1.error.json': failed('diverged', 1) });
  writeWhole(join(attemptFiles(attempt).workers, '2.json'), '{"pid":');
  writeWhole(join(attemptFiles(attempt).workers, '0.error.json'), '{');
  expect(workerPids(attempt)).toEqual([7, 8]);
  expect(firstFailure(attempt)?.rank).toBe(1);
  expect(firstFailure(mkdtempSync(join(tmpdir(), 'nothing-')))).toBeNull();
});
