import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { writeJson } from '../../store/files.js';
import { attemptFiles } from '../../store/home.js';
import { identifyProcess, isProcessAlive } from '../../store/processes.js';
import { addAttempt, readStatus } from './attempts.js';

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
  expect(readStatus(run)).toBe('running');
  const old = new Date(Date.now() - 61_000);
  utimesSync(files.lease, old, old);
  expect(readStatus(run)).toBe('lost');
});

test('a pid alone proves nothing: another start time is another process', () => {
  const { run, files } = runFolder();
  const self = identifyProcess(process.pid);
  writeJson(files.supervisor, self);
  expect([isProcessAlive(self), readStatus(run)]).toEqual([true, 'running']);
  const other = { ...self, start_time: '1' };
  writeJson(files.supervisor, other);
  expect([isProcessAlive(other), readStatus(run)]).toEqual([false, 'lost']);
});

test('an attempt of an earlier boot of this host is lost', () => {
  const { run, files } = runFolder();
  writeJson(files.supervisor, { ...identifyProcess(process.pid), boot_id: 'an earlier one' });
  expect(readStatus(run)).toBe('lost');
});

test('of two attempts that are added at once one is, and a third finds it running', () => {
  const run = mkdtempSync(join(tmpdir(), 'slipway-run-'));
  const first = addAttempt(run, (folder) => {
    // Another process adds the same attempt while this one writes its files.
    writeFileSync(join(folder, 'plan.json'), '{}');
    mkdirSync(join(run, 'attempts', '1'));
    writeFileSync(join(run, 'attempts', '1', 'other'), '');
    rmSync(join(run, 'attempts', '1'), { recursive: true });
  });
  expect([first, existsSync(join(first, 'plan.json')), readStatus(run)]).toEqual([join(run, 'attempts', '1'), true, 'running']);
  const act = () =>
    addAttempt(run, () => {
      mkdirSync(join(run, 'attempts', '2'));
      writeFileSync(join(run, 'attempts', '2', 'other'), '');
    });
  expect(act).toThrowError(expect.objectContaining({ code: 'run-active' }));
  expect(readdirSync(join(run, 'attempts')).sort()).toEqual(['1', '2']);
});

test('an attempt without a supervisor is being started for a while, and lost after it', () => {
  const { run, files } = runFolder();
  expect(readStatus(run)).toBe('running');
  const old = new Date(Date.now() - 60_000);
  utimesSync(dirname(files.plan), old, old);
  expect(readStatus(run)).toBe('lost');
});
