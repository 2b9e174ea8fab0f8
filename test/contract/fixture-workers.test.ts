/** Workers that go wrong in every way, through the real launcher, supervisor and follower. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import type { Event } from '../../src/protocol/event.js';
import { Exit, ProcessIdentity } from '../../src/protocol/run.js';
import { readJson } from '../../src/store/files.js';
import { attemptFiles, runFiles } from '../../src/store/home.js';
import { isLocked } from '../../src/store/processes.js';
import { type Ending, followAttempt } from '../../src/tune/follow.js';
import { type OpenedAttempt, readStatus } from '../../src/tune/launch/attempts.js';
import { LOCAL } from '../../src/tune/launch/local.js';
import { killJob, stopJob } from '../../src/tune/launch/stop-job.js';
import { root, temporaryFolder } from '../support/home.js';

process.env.SLIPWAY_GRACE_MS = '400';
const homes: string[] = [];
afterEach(() => {
  for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true });
});

async function start(fixture: string): Promise<{ run: string; attempt: string }> {
  const home = temporaryFolder('fixture');
  homes.push(home);
  const run = join(home, 'runs', 'fixture');
  const attempt = join(run, 'attempts', '1');
  mkdirSync(attempt, { recursive: true });
  await LOCAL.start(attempt, ['python3', join(root, 'test', 'fixtures', 'workers', `${fixture}.py`), attempt]);
  return { run, attempt };
}

async function end(fixture: string): Promise<{ ending: Ending | null; status: string; events: Event[]; run: string; attempt: string }> {
  const started = await start(fixture);
  const events: Event[] = [];
  const ending = await followAttempt(started.attempt, (event) => events.push(event));
  return { ending, events, status: readStatus(started.run), ...started };
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !isTrue(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(isTrue()).toBe(true);
}

test.each([
  ['crashes_in_a_line', 'worker-protocol', 'breaks off in the middle of a line'],
  ['writes_nan', 'worker-protocol', 'not JSON'],
  ['skips_a_seq', 'worker-protocol', 'seq 2, expected 1'],
  ['says_done', 'worker-protocol', 'left no result'],
  ['exits_137', 'worker-killed', 'SIGKILL'],
  ['raises', 'out-of-memory', "can't allocate memory"],
])('%s: failed, with the reason', async (fixture, code, text) => {
  const { ending, status } = await end(fixture);
  expect(status).toBe('failed');
  expect(ending).toMatchObject({ reason: 'failed', error: { code } });
  expect(ending?.reason === 'failed' && ending.error.message).toContain(text);
});

test('a program that does not exist fails the attempt', async () => {
  const home = temporaryFolder('fixture');
  homes.push(home);
  const attempt = join(home, 'runs', 'fixture', 'attempts', '1');
  mkdirSync(attempt, { recursive: true });
  await LOCAL.start(attempt, ['/no/such/python', 'x']);
  const ending = await followAttempt(attempt, () => undefined);
  expect(ending).toMatchObject({ reason: 'failed', error: { code: 'worker-failed' } });
});

test('done: what libraries print goes to worker.log and not among the events', async () => {
  const { ending, status, events, attempt } = await end('finishes');
  expect([ending?.reason, status]).toEqual(['done', 'done']);
  expect(events.map(({ type }) => type)).toEqual(['phase', 'run-end']);
  expect(readFileSync(attemptFiles(attempt).log, 'utf8')).toContain("a library's banner");
});

test('stopped: stop.json is read between steps; while it works its lock is held', async () => {
  const { run, attempt } = await start('waits_for_stop');
  await until(() => isLocked(attemptFiles(attempt).lock));
  expect(readStatus(run)).toBe('running');
  expect(existsSync(attemptFiles(attempt).lease)).toBe(true);
  stopJob(run, 'test');
  expect(await followAttempt(attempt, () => undefined)).toEqual({ reason: 'stopped' });
  expect(readStatus(run)).toBe('stopped');
  expect(isLocked(attemptFiles(attempt).lock)).toBe(false);
});

test('an attempt that is not the last any more is not started', async () => {
  const home = temporaryFolder('fixture');
  homes.push(home);
  const run = join(home, 'runs', 'fixture');
  const [first, second] = [1, 2].map((number) => join(run, 'attempts', String(number))) as [string, string];
  for (const attempt of [first, second]) mkdirSync(attempt, { recursive: true });
  const worker = ['python3', join(root, 'test', 'fixtures', 'workers', 'waits_for_stop.py')];
  await expect(LOCAL.start(first, [...worker, first])).rejects.toThrowError(expect.objectContaining({ code: 'worker-failed' }));
  expect([existsSync(attemptFiles(first).supervisor), existsSync(attemptFiles(first).workers)]).toEqual([false, false]);
  await LOCAL.start(second, [...worker, second]);
  stopJob(run, 'test');
  expect(await followAttempt(second, () => undefined)).toEqual({ reason: 'stopped' });
});

test('of eight commands at once one starts a worker, and the others get its attempt', async () => {
  const home = temporaryFolder('fixture');
  homes.push(home);
  const run = join(home, 'runs', 'fixture');
  mkdirSync(run, { recursive: true });
  const worker = join(root, 'test', 'fixtures', 'workers', 'waits_for_stop.py');
  const command = [join(root, 'test', 'fixtures', 'opens-attempt.mjs'), run, worker];
  const opened = await Promise.all(Array.from({ length: 8 }, () => promisify(execFile)(process.execPath, command)));
  const answers = opened.map(({ stdout }) => JSON.parse(stdout) as OpenedAttempt);
  expect(answers.filter(({ is_new }) => is_new).length).toBe(1);
  expect(new Set(answers.map(({ attempt }) => attempt)).size).toBe(1);
  expect(readdirSync(join(run, 'attempts'))).toEqual(['1']);
  stopJob(run, 'test');
  expect(await followAttempt(answers[0]?.attempt as string, () => undefined)).toEqual({ reason: 'stopped' });
});

test('a worker that ignores SIGTERM is killed after the grace period', async () => {
  const { run, attempt } = await start('ignores_sigterm');
  await until(() => existsSync(attemptFiles(attempt).events));
  killJob(run);
  const ending = await followAttempt(attempt, () => undefined);
  expect(ending).toMatchObject({ reason: 'failed', error: { code: 'worker-killed' } });
  expect(readJson(attemptFiles(attempt).exit, Exit).signal).toBe('SIGKILL');
});

test('lost: the supervisor is killed, its worker dies with it, and nobody wrote why', async () => {
  const { run, attempt } = await start('waits_for_stop');
  await until(() => isLocked(attemptFiles(attempt).lock));
  process.kill(readJson(attemptFiles(attempt).supervisor, ProcessIdentity).pid, 'SIGKILL');
  await until(() => !isLocked(attemptFiles(attempt).lock));
  await until(() => readStatus(run) === 'lost');
  expect(await followAttempt(attempt, () => undefined)).toEqual({ reason: 'lost' });
});

test('a worker killed from outside is told from one that failed by itself', async () => {
  const { run, attempt } = await start('waits_for_stop');
  const pidFile = join(attemptFiles(attempt).workers, '0.json');
  await until(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '');
  process.kill((JSON.parse(readFileSync(pidFile, 'utf8')) as { pid: number }).pid, 'SIGKILL');
  expect(await followAttempt(attempt, () => undefined)).toMatchObject({ reason: 'failed', error: { code: 'worker-killed' } });
  expect(readStatus(run)).toBe('failed');
  expect(existsSync(runFiles(run).artifact)).toBe(false);
});
