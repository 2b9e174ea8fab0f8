/**
 * The supervisor: starts the job's program, waits for its end and writes exit.json. A program of its own.
 * Run by local.ts: node supervise.js <attempt folder> <command…>
 */
import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { isDiskFull } from '../../protocol/errors.js';
import type { Event } from '../../protocol/event.js';
import { DISK_FULL_EXIT, type Exit } from '../../protocol/run.js';
import { closeRun } from '../../store/closed-run.js';
import { writeJson } from '../../store/files.js';
import { attemptFiles, isComparison, jobFiles, jobOf, listAttempts } from '../../store/home.js';
import { withLock } from '../../store/lock.js';
import { pythonSources } from '../../store/package.js';
import { identifyProcess } from '../../store/processes.js';
import { parseEvents } from '../parse-events.js';
import { firstFailure, workerPids } from './first-failure.js';

/** A worker saves within 25 s of a SIGTERM; five more for the file system. */
const GRACE_MS = Number(process.env.SLIPWAY_GRACE_MS ?? 30_000);

const [attempt, program, ...programArguments] = process.argv.slice(2) as [string, string, ...string[]];
const files = attemptFiles(attempt);
let isForced = false;

// Closing the terminal leaves training running.
process.on('SIGHUP', () => undefined);
process.on('SIGINT', () => undefined);

try {
  if (!takeOn()) process.exit(1);
} catch (error) {
  process.exit(isDiskFull(error) ? DISK_FULL_EXIT : 1);
}
const log = openSync(files.log, 'a', 0o600);
const worker = spawn(program, programArguments, {
  // Closed when this process ends, however it ends: a program that reads it ends too.
  stdio: ['pipe', log, log],
  env: { ...process.env, ...workerEnvironment() },
});

process.on('SIGTERM', () => {
  worker.kill('SIGTERM');
  setTimeout(() => {
    isForced = true;
    worker.kill('SIGKILL');
    for (const pid of workerPids(attempt)) killQuietly(pid);
  }, GRACE_MS).unref();
});

worker.once('error', (error) => void finish(null, null, { code: 'worker-failed', data: { problem: error.message } }));
worker.once('exit', (code, signal) => void finish(code, signal, null));

/** Whether the attempt is still the last: who started it may have died, and another command opened the next since. */
function takeOn(): boolean {
  const job = jobOf(attempt);
  return withLock(jobFiles(job).lock, () => {
    const isLast = basename(listAttempts(job).at(-1) ?? '') === basename(attempt);
    if (isLast) writeJson(files.supervisor, identifyProcess(process.pid));
    return isLast;
  });
}

async function finish(code: number | null, signal: NodeJS.Signals | null, startError: Exit['error']): Promise<void> {
  rmSync(files.reserve, { force: true });
  const { events, problem } = existsSync(files.events)
    ? parseEvents(readFileSync(files.events, 'utf8'), true)
    : { events: [], problem: null };
  const exit: Exit = {
    ...judge({ code, signal, startError, events, problem }),
    code,
    signal,
    rank: code === 0 ? null : (firstFailure(attempt)?.rank ?? 0),
    ended_at: new Date().toISOString(),
  };
  if (exit.reason === 'done' && !isComparison(jobOf(attempt))) await closeRun(attempt, exit);
  else writeJson(files.exit, exit);
  process.exit(0);
}

interface Ended {
  code: number | null;
  signal: string | null;
  startError: Exit['error'];
  events: Event[];
  /** Of the event protocol. */
  problem: string | null;
}

/** Why it ended. The worker's own event counts only if its exit code agrees. */
function judge({ code, signal, startError, events, problem }: Ended): Pick<Exit, 'reason' | 'error'> {
  if (startError) return { reason: 'failed', error: startError };
  if (problem) return { reason: 'failed', error: { code: 'worker-protocol', data: { problem } } };
  const last = events.at(-1);
  const hasResult = existsSync(jobFiles(jobOf(attempt)).result);
  if (code === 0 && last?.type === 'run-end') {
    if (last.reason === 'stopped') return { reason: 'stopped', error: null };
    if (hasResult) return { reason: 'done', error: null };
    return { reason: 'failed', error: { code: 'worker-protocol', data: { problem: 'it reported done and left no result' } } };
  }
  const failure = code === 0 ? null : firstFailure(attempt);
  if (failure) return { reason: 'failed', error: failure.error };
  if (last?.type === 'run-error') return { reason: 'failed', error: { code: last.code, data: last.data } };
  if (code === DISK_FULL_EXIT) return { reason: 'failed', error: { code: 'disk-full', data: { problem: 'the worker could not write' } } };
  if (signal || code === 137) {
    const name = signal ?? 'SIGKILL (exit code 137)';
    return {
      reason: 'failed',
      error: {
        code: 'worker-killed',
        data: { signal: isForced ? `${name} after ${GRACE_MS / 1000} s without a reaction to SIGTERM` : name },
      },
    };
  }
  const said = code === 0 ? 'it ended without a last event' : `exit code ${code}: ${lastLogLine()}`;
  return { reason: 'failed', error: { code: code === 0 ? 'worker-protocol' : 'worker-failed', data: { problem: said } } };
}

function lastLogLine(): string {
  return readFileSync(files.log, 'utf8').trim().split('\n').at(-1)?.slice(0, 300) ?? '';
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

/** No telemetry and no hub; threads are set by the worker from the plan. */
function workerEnvironment(): Record<string, string> {
  return {
    PYTHONPATH: pythonSources(),
    PYTHONUNBUFFERED: '1',
    HF_HUB_OFFLINE: '1',
    HF_DATASETS_OFFLINE: '1',
    HF_HUB_DISABLE_TELEMETRY: '1',
    TOKENIZERS_PARALLELISM: 'false',
    WANDB_MODE: 'disabled',
  };
}
