/** What the attempts of a run have said so far. */
import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
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

/** Reads a run again and again while it grows, and only what was appended since: whoever looks must not slow down who trains. */
export function createEventReader(): (run: string) => Event[] {
  const known = new Map<string, { position: number; events: Event[] }>();
  return (run) =>
    listAttempts(run).flatMap((attempt) => {
      const file = attemptFiles(attempt).events;
      const before = known.get(file) ?? { position: 0, events: [] };
      const text = existsSync(file) ? completeLinesFrom(file, before.position) : '';
      if (text === '') return before.events;
      const { events } = parseEvents(text, false, before.events.length);
      const now = { position: before.position + Buffer.byteLength(text), events: [...before.events, ...events] };
      known.set(file, now);
      return now.events;
    });
}

function completeLinesFrom(path: string, position: number): string {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(file).size - position));
    readSync(file, bytes, 0, bytes.length, position);
    return bytes.toString('utf8', 0, bytes.lastIndexOf(10) + 1);
  } finally {
    closeSync(file);
  }
}
