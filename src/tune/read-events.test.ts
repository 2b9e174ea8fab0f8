import { appendFileSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createEventReader, readEvents } from './read-events.js';

test('a run that grows is read on from where it was, a line that is still being written is left for the next time', () => {
  const run = mkdtempSync(join(tmpdir(), 'slipway-events-'));
  const file = join(run, 'attempts', '1', 'events.jsonl');
  mkdirSync(join(file, '..'), { recursive: true });
  const line = (seq: number) => `${JSON.stringify({ type: 'phase', seq, at: '2026-11-24T12:00:00Z', name: `phase ${seq} ä` })}\n`;
  const read = createEventReader();
  expect(read(run)).toEqual([]);
  appendFileSync(file, line(0) + line(1).slice(0, 20));
  expect(read(run)).toHaveLength(1);
  appendFileSync(file, line(1).slice(20) + line(2));
  expect(read(run)).toEqual(readEvents(run));
  expect(read(run)).toHaveLength(3);

  const second = join(run, 'attempts', '2', 'events.jsonl');
  mkdirSync(join(second, '..'), { recursive: true });
  appendFileSync(second, line(0));
  expect(read(run)).toEqual(readEvents(run));
});
