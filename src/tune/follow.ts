/** Following an attempt: its events as they come, until it has ended or is lost. */
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, ERROR_CATALOGUE, type ErrorCode, type ErrorData } from '../protocol/errors.js';
import type { Event } from '../protocol/event.js';
import { Exit, RunRecord } from '../protocol/run.js';
import { readJson } from '../store/files.js';
import { attemptFiles, runFiles } from '../store/home.js';
import { isAttemptAlive } from '../store/runs.js';
import { parseEvents } from './parse-events.js';

const POLL_MS = 200;

export type Ending = { reason: 'done' | 'stopped' } | { reason: 'failed'; error: AppError } | { reason: 'lost' };

/** Calls `onEvent` for every event from the first, and returns how the attempt ended. */
export async function followAttempt(attempt: string, onEvent: (event: Event) => void): Promise<Ending> {
  const files = attemptFiles(attempt);
  let position = 0;
  let numSeen = 0;
  const readMore = async () => {
    const text = await readFrom(files.events, position);
    position += Buffer.byteLength(text);
    const { events } = parseEvents(text, false, numSeen);
    numSeen += events.length;
    for (const event of events) onEvent(event);
  };
  for (;;) {
    const hasEnded = existsSync(files.exit);
    const isAlive = hasEnded || isAttemptAlive(attempt);
    await readMore();
    if (hasEnded) return endingOf(attempt, readJson(files.exit, Exit));
    if (!isAlive && !existsSync(files.exit)) return { reason: 'lost' };
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** The complete lines from a position on; a last line that is still being written is left for the next time. */
async function readFrom(path: string, position: number): Promise<string> {
  if (!existsSync(path)) return '';
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.max(0, size - position));
    await file.read(bytes, 0, bytes.length, position);
    return bytes.toString('utf8', 0, bytes.lastIndexOf(10) + 1);
  } finally {
    await file.close();
  }
}

function endingOf(attempt: string, exit: Exit): Ending {
  if (exit.reason !== 'failed') return { reason: exit.reason };
  return { reason: 'failed', error: exitError(attempt, exit) };
}

/** The recorded failure as an error that names the run, its log and its recipe. */
export function exitError(attempt: string, exit: Exit): AppError {
  const run = attempt.split('/').at(-3) ?? '';
  const code = exit.error && exit.error.code in ERROR_CATALOGUE ? (exit.error.code as ErrorCode) : 'worker-failed';
  const { record } = runFiles(join(attempt, '..', '..'));
  const recipe = existsSync(record) ? readJson(record, RunRecord).recipe_file : 'RECIPE';
  const data: ErrorData = { problem: '', suggestion: '', recipe, ...exit.error?.data, run, log: attemptFiles(attempt).log };
  return new AppError(code, data);
}
