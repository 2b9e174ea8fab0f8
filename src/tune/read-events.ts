/** The events of a run's attempts. */
import { existsSync, readFileSync } from 'node:fs';
import type { Event } from '../protocol/event.js';
import { completeLinesFrom } from '../store/files.js';
import { attemptFiles, listAttempts } from '../store/home.js';
import { parseEvents } from './parse-events.js';

/** All events, attempt after attempt. */
export function readEvents(run: string): Event[] {
  return listAttempts(run).flatMap((attempt) => {
    const file = attemptFiles(attempt).events;
    return existsSync(file) ? parseEvents(readFileSync(file, 'utf8'), false).events : [];
  });
}

/** Reads only what was appended since the last call: viewers must not slow training. */
export function createEventReader(): (run: string) => Event[] {
  const known = new Map<string, { position: number; events: Event[] }>();
  return (run) =>
    listAttempts(run).flatMap((attempt) => {
      const file = attemptFiles(attempt).events;
      const before = known.get(file) ?? { position: 0, events: [] };
      const text = completeLinesFrom(file, before.position);
      if (text === '') return before.events;
      const { events } = parseEvents(text, false, before.events.length);
      const now = { position: before.position + Buffer.byteLength(text), events: [...before.events, ...events] };
      known.set(file, now);
      return now.events;
    });
}
