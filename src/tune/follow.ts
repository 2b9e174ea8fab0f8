/** Following an attempt: its events as they come, until it has ended or is lost. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { AppError, ERROR_CATALOGUE, type ErrorCode, type ErrorData } from '../protocol/errors.js';
import type { Event } from '../protocol/event.js';
import { Exit, RunRecord } from '../protocol/run.js';
import { completeLinesFrom, readJsonIfKnown } from '../store/files.js';
import { attemptFiles, jobOf, runFiles } from '../store/home.js';
import { targetOf } from './launch/targets.js';
import { parseEvents } from './parse-events.js';

const POLL_MS = 200;

export type Ending = { reason: 'done' | 'stopped' } | { reason: 'failed'; error: AppError } | { reason: 'lost' };

/** Calls `onEvent` for every event from the first, and returns how the attempt ended. */
export async function followAttempt(attempt: string, onEvent: (event: Event) => void): Promise<Ending> {
  const files = attemptFiles(attempt);
  let position = 0;
  let numSeen = 0;
  const readMore = () => {
    const text = completeLinesFrom(files.events, position);
    position += Buffer.byteLength(text);
    const { events } = parseEvents(text, false, numSeen);
    numSeen += events.length;
    for (const event of events) onEvent(event);
  };
  for (;;) {
    const hasEnded = existsSync(files.exit);
    const isAlive = hasEnded || targetOf(attempt).isAlive(attempt);
    readMore();
    if (hasEnded) return endingOf(attempt, readJsonIfKnown(files.exit, Exit));
    if (!isAlive && !existsSync(files.exit)) return { reason: 'lost' };
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function endingOf(attempt: string, exit: Exit | null): Ending {
  if (!exit) return { reason: 'lost' };
  if (exit.reason !== 'failed') return { reason: exit.reason };
  return { reason: 'failed', error: exitError(attempt, exit) };
}

/** The recorded failure as an error that names the run, its log and its recipe. */
export function exitError(attempt: string, exit: Exit): AppError {
  const run = basename(jobOf(attempt));
  const code = exit.error && exit.error.code in ERROR_CATALOGUE ? (exit.error.code as ErrorCode) : 'worker-failed';
  const { record } = runFiles(jobOf(attempt));
  const recipe = readJsonIfKnown(record, RunRecord)?.recipe_file ?? 'RECIPE';
  const data: ErrorData = { problem: '', suggestion: '', recipe, ...exit.error?.data, run, log: attemptFiles(attempt).log };
  return new AppError(code, data);
}
