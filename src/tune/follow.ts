/** Following an attempt: its events as they come, until it has ended or is lost. */
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { AppError, ERROR_CATALOGUE, type ErrorCode, type ErrorData } from '../protocol/errors.js';
import type { Event } from '../protocol/event.js';
import { Exit } from '../protocol/run.js';
import { readJson } from '../store/files.js';
import { attemptFiles } from '../store/home.js';
import { isAttemptAlive } from '../store/runs.js';
import { parseEvents } from './parse-events.js';

const POLL_MS = 200;

export type Ending = { reason: 'done' | 'stopped' } | { reason: 'failed'; error: AppError } | { reason: 'lost' };

/** Calls `onEvent` for every event from the first, and returns how the attempt ended. */
export async function followAttempt(attempt: string, onEvent: (event: Event) => void, signal?: AbortSignal): Promise<Ending | null> {
  const files = attemptFiles(attempt);
  let text = '';
  let position = 0;
  let numSeen = 0;
  const readMore = async () => {
    if (!existsSync(files.events)) return;
    const file = await open(files.events, 'r');
    try {
      const { size } = await file.stat();
      if (size > position) {
        const bytes = Buffer.alloc(size - position);
        await file.read(bytes, 0, bytes.length, position);
        // Cut at the last newline: a character's bytes may not all be there yet.
        const end = bytes.lastIndexOf(10) + 1;
        text += bytes.toString('utf8', 0, end);
        position += end;
      }
    } finally {
      await file.close();
    }
    const { events } = parseEvents(text, false);
    for (const event of events.slice(numSeen)) onEvent(event);
    numSeen = events.length;
  };
  while (!signal?.aborted) {
    const hasEnded = existsSync(files.exit);
    const isAlive = hasEnded || isAttemptAlive(attempt);
    await readMore();
    if (hasEnded) return endingOf(attempt, readJson(files.exit, Exit));
    if (!isAlive && !existsSync(files.exit)) return { reason: 'lost' };
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return null;
}

function endingOf(attempt: string, exit: Exit): Ending {
  if (exit.reason !== 'failed') return { reason: exit.reason };
  return { reason: 'failed', error: exitError(attempt, exit) };
}

/** The recorded failure as an error that names the run, its log and its recipe. */
export function exitError(attempt: string, exit: Exit): AppError {
  const run = attempt.split('/').at(-3) ?? '';
  const code = exit.error && exit.error.code in ERROR_CATALOGUE ? (exit.error.code as ErrorCode) : 'worker-failed';
  const data: ErrorData = { problem: '', suggestion: '', recipe: 'RECIPE', ...exit.error?.data, run, log: attemptFiles(attempt).log };
  return new AppError(code, data);
}
