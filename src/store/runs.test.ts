import { mkdirSync, mkdtempSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeJson } from './files.js';
import { attemptFiles } from './home.js';
import { identifyProcess, isAlive } from './processes.js';
import { readRunStatus } from './runs.js';

function runFolder(): { run: string; files: ReturnType<typeof attemptFiles> } {
  const run = mkdtempSync(join(tmpdir(), 'slipway-run-'));
  const attempt = join(run, 'attempts', '1');
  mkdirSync(attempt, { recursive: true });
  return { run, files: attemptFiles(attempt) };
}

test('on another host the lease decides: fresh is running, a minute old is lost', () => {
  const { run, files } = runFolder();
  writeJson(files.supervisor, { ...identifyProcess(process.pid), host: 'elsewhere' });
  writeFileSync(files.lease, '');
  expect(readRunStatus(run)).toBe('running');
  const old = new Date(Date.now() - 61_000);
  utimesSync(files.lease, old, old);
  expect(readRunStatus(run)).toBe('lost');
});

test('a pid alone proves nothing: another start time is another process', () => {
  const { run, files } = runFolder();
  const self = identifyProcess(process.pid);
  writeJson(files.supervisor, self);
  expect([isAlive(self), readRunStatus(run)]).toEqual([true, 'running']);
  const other = { ...self, start_time: '1' };
  writeJson(files.supervisor, other);
  expect([isAlive(other), readRunStatus(run)]).toEqual([false, 'lost']);
});

test('an attempt of an earlier boot of this host is lost', () => {
  const { run, files } = runFolder();
  writeJson(files.supervisor, { ...identifyProcess(process.pid), boot_id: 'an earlier one' });
  expect(readRunStatus(run)).toBe('lost');
});
