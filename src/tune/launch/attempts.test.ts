import { existsSync, mkdirSync, mkdtempSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { writeJson } from '../../store/files.js';
import { attemptFiles, jobFiles } from '../../store/home.js';
import { identifyProcess, isProcessAlive } from '../../store/processes.js';
import { lastBegun, openAttempt, readStatus } from './attempts.js';

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
  writeJson(files.stop, { requested_at: new Date().toISOString(), requested_by: 'test' });
  expect(readStatus(run)).toBe('stopping');
  const other = { ...self, start_time: '1' };
  writeJson(files.supervisor, other);
  expect([isProcessAlive(other), readStatus(run)]).toEqual([false, 'lost']);
});

test('an attempt of an earlier boot of this host is lost', () => {
  const { run, files } = runFolder();
  writeJson(files.supervisor, { ...identifyProcess(process.pid), boot_id: 'an earlier one' });
  expect(readStatus(run)).toBe('lost');
});

test('an attempt is there with its files, and a second command gets the same', () => {
  const run = mkdtempSync(join(tmpdir(), 'slipway-run-'));
  const write = (folder: string) => writeFileSync(join(folder, 'plan.json'), '{}');
  const first = openAttempt(run, write);
  expect(first).toEqual({ attempt: join(run, 'attempts', '1'), is_new: true });
  expect(existsSync(join(first.attempt, 'plan.json'))).toBe(true);
  expect(readStatus(run)).toBe('starting');
  expect(openAttempt(run, () => expect.unreachable())).toEqual({ attempt: first.attempt, is_new: false });
  expect(readdirSync(run)).toEqual(['attempts']);
  expect(readdirSync(join(run, 'attempts'))).toEqual(['1']);
});

test('what cannot be written leaves no attempt', () => {
  const run = mkdtempSync(join(tmpdir(), 'slipway-run-'));
  const full = () => {
    throw Object.assign(new Error('no space left on device, write'), { code: 'ENOSPC' });
  };
  expect(() => openAttempt(run, full)).toThrowError(/no space left/);
  expect([readdirSync(run), readdirSync(join(run, 'attempts'))]).toEqual([['attempts'], []]);
});

test('an attempt whose starter died before its supervisor is passed over', () => {
  const { run, files } = runFolder();
  writeJson(files.supervisor, { ...identifyProcess(process.pid), start_time: '1' });
  const { attempt: stopped } = { attempt: dirname(files.plan) };
  writeJson(files.exit, { reason: 'stopped', code: 0, signal: null, rank: null, error: null, ended_at: new Date().toISOString() });
  const { attempt } = openAttempt(run, () => undefined);
  expect([basename(attempt), readStatus(run)]).toEqual(['2', 'starting']);
  const launch = { target: 'local', started_by: { ...identifyProcess(process.pid), start_time: '1' } };
  writeJson(attemptFiles(attempt).launch, launch);
  expect([readStatus(run), lastBegun(run)]).toEqual(['stopped', stopped]);
  expect(basename(openAttempt(run, () => undefined).attempt)).toBe('3');
});

test('an attempt without a supervisor is being started for a while, and lost after it', () => {
  const { run, files } = runFolder();
  expect(readStatus(run)).toBe('starting');
  const old = new Date(Date.now() - 60_000);
  utimesSync(dirname(files.plan), old, old);
  expect(readStatus(run)).toBe('lost');
});

test('a run whose result is there runs until its end is recorded; when its supervisor died before that, it is done', () => {
  const { run, files } = runFolder();
  const { result } = jobFiles(run);
  mkdirSync(dirname(result), { recursive: true });
  writeFileSync(result, '{}');
  writeJson(files.supervisor, identifyProcess(process.pid));
  expect(readStatus(run)).toBe('running');
  writeJson(files.supervisor, { ...identifyProcess(process.pid), start_time: '1' });
  expect(readStatus(run)).toBe('done');
  writeJson(files.supervisor, identifyProcess(process.pid));
  writeJson(files.exit, { reason: 'done', code: 0, signal: null, rank: null, error: null, ended_at: new Date().toISOString() });
  expect(readStatus(run)).toBe('done');
});
