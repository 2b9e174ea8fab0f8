/** Which of an attempt's processes failed first, and of what: the errors of the others follow from it. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Exit } from '../../protocol/run.js';
import { readJsonIfKnown } from '../../store/files.js';
import { attemptFiles } from '../../store/home.js';

/** As the worker writes it (worker/life.py, worker/launch.py). */
const RankError = z.strictObject({
  code: z.string(),
  data: z.record(z.string(), z.union([z.string(), z.number()])),
  at: z.number().describe('seconds since 1970'),
});
const Killed = z.strictObject({ rank: z.int(), signal: z.string() });

export interface Failure {
  rank: number;
  error: NonNullable<Exit['error']>;
}

/** Null where no process has said anything. A process that was killed says nothing: torchrun does. */
export function firstFailure(attempt: string): Failure | null {
  const { workers } = attemptFiles(attempt);
  if (!existsSync(workers)) return null;
  const killed = readJsonIfKnown(join(workers, 'killed.json'), Killed);
  if (killed) return { rank: killed.rank, error: { code: 'worker-killed', data: { signal: killed.signal } } };
  const failures = readdirSync(workers).flatMap((name) => {
    const rank = /^(\d+)\.error\.json$/.exec(name)?.[1];
    const error = rank ? readJsonIfKnown(join(workers, name), RankError) : null;
    return error ? [{ rank: Number(rank), error }] : [];
  });
  const [first] = failures.sort((a, b) => a.error.at - b.error.at);
  return first ? { rank: first.rank, error: { code: first.error.code, data: first.error.data } } : null;
}

/** Pids of the processes: torchrun's are in sessions of their own, only their recorded pids reach them. */
export function workerPids(attempt: string): number[] {
  const { workers } = attemptFiles(attempt);
  if (!existsSync(workers)) return [];
  const records = readdirSync(workers).filter((name) => /^\d+\.json$/.test(name));
  return records.flatMap((name) => readJsonIfKnown(join(workers, name), z.object({ pid: z.int() }))?.pid ?? []);
}
