/** A run killed at random moments, in whichever of its processes: nothing that was acknowledged is lost or there twice, nobody is left behind. */
import { fork } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isActive, ProcessIdentity } from '../../src/protocol/run.js';
import { readJsonIfKnown } from '../../src/store/files.js';
import { attemptFiles, listAttempts, runFiles } from '../../src/store/home.js';
import { readStatus } from '../../src/tune/launch/attempts.js';
import { workerPids } from '../../src/tune/launch/first-failure.js';
import { parseEvents } from '../../src/tune/parse-events.js';
import { root, temporaryFolder } from '../support/home.js';
import { randomOf } from '../support/mutations.js';

const NUM_KILLS = Number(process.env.SLIPWAY_NUM_RANDOM_KILLS ?? 20);
const worker = join(root, 'test', 'fixtures', 'workers', 'many_steps.py');
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const isAlive = (pid: number) => existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
const supervisorOf = (attempt: string) => readJsonIfKnown(attemptFiles(attempt).supervisor, ProcessIdentity)?.pid ?? null;
const complete = (run: string) => {
  const { checkpoints } = runFiles(run);
  return existsSync(checkpoints) ? readdirSync(checkpoints).filter((name) => existsSync(join(checkpoints, name, 'complete'))) : [];
};
/** Whole lines of each attempt's events. */
const acknowledged = (run: string) =>
  listAttempts(run).map((attempt) => {
    const { events } = attemptFiles(attempt);
    return existsSync(events) ? readFileSync(events, 'utf8').split('\n').slice(0, -1) : [];
  });

async function until(isTrue: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !isTrue(); i++) await pause(25);
  expect(isTrue()).toBe(true);
}

test('a run', async () => {
  const seed = Number(process.env.SLIPWAY_KILL_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`kills of a run: SLIPWAY_KILL_SEED=${seed}`);
  const random = randomOf(seed);
  let run = '';
  let numRuns = 0;
  for (let kill = 0; kill < NUM_KILLS; kill++) {
    if (run === '' || readStatus(run) === 'done') {
      run = join(temporaryFolder('kills'), 'runs', `run-${numRuns++}`);
      mkdirSync(run, { recursive: true });
    }
    const before = { lines: acknowledged(run), checkpoints: complete(run) };
    const starter = fork(join(root, 'test', 'fixtures', 'opens-attempt.mjs'), [run, worker], { silent: true });
    const hasEnded = new Promise((resolve) => starter.once('exit', resolve));
    await pause(random() * 900);
    const attempt = listAttempts(run).at(-1);
    const victims = [starter.pid, attempt && supervisorOf(attempt), ...(attempt ? workerPids(attempt) : [])];
    const victim = victims[Math.floor(random() * victims.length)];
    if (victim && isAlive(victim)) process.kill(victim, 'SIGKILL');
    await hasEnded;
    // With its starter killed a run goes on, or was never begun.
    const isStarterKilled = victim === starter.pid;
    await until(() => (isStarterKilled ? true : !isActive(readStatus(run))));
    const pids = listAttempts(run)
      .flatMap((one) => [supervisorOf(one), ...workerPids(one)])
      .filter((pid) => pid !== null);
    if (!isStarterKilled) await until(() => pids.every((pid) => !isAlive(pid)));
    const lines = acknowledged(run);
    for (const [number, kept] of before.lines.entries()) expect(lines[number]?.slice(0, kept.length)).toEqual(kept);
    expect(complete(run)).toEqual(expect.arrayContaining(before.checkpoints));
    if (isStarterKilled) await until(() => !isActive(readStatus(run)));
  }
  // Whatever was killed, it comes to its end.
  for (let again = 0; again < 3 && readStatus(run) !== 'done'; again++) {
    const starter = fork(join(root, 'test', 'fixtures', 'opens-attempt.mjs'), [run, worker], { silent: true });
    await new Promise((resolve) => starter.once('exit', resolve));
    await until(() => !isActive(readStatus(run)));
  }
  expect(readStatus(run)).toBe('done');
  expect(complete(run).length).toBe(8);
  const saved = listAttempts(run).flatMap((attempt) => {
    const { events } = attemptFiles(attempt);
    return existsSync(events)
      ? parseEvents(readFileSync(events, 'utf8'), false).events.flatMap((event) => (event.type === 'checkpoint-save' ? [event.step] : []))
      : [];
  });
  expect([...new Set(saved)]).toEqual(saved);
}, 3_600_000);
