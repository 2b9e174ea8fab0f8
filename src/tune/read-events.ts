/** What the attempts of a run have said so far. */
import { existsSync, readFileSync } from 'node:fs';
import type { Event } from '../protocol/event.js';
import { attemptFiles } from '../store/home.js';
import { listAttempts } from '../store/runs.js';
import { parseEvents } from './parse-events.js';

/** All events, attempt after attempt. */
export function readEvents(run: string): Event[] {
  return listAttempts(run).flatMap((attempt) => {
    const file = attemptFiles(attempt).events;
    return existsSync(file) ? parseEvents(readFileSync(file, 'utf8'), false).events : [];
  });
}

export function lastLoss(run: string): { step: number | null; loss: number | null } {
  const last = readEvents(run).findLast((event) => event.type === 'step-end');
  return last?.type === 'step-end' ? { step: last.step, loss: last.loss } : { step: null, loss: null };
}
