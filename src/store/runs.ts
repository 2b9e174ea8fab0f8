/** Finding runs. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../protocol/errors.js';
import { RunRecord } from '../protocol/run.js';
import { readJson } from './files.js';
import { runFiles, runFolder } from './home.js';

export function listRuns(home: string): RunRecord[] {
  const folder = join(home, 'runs');
  if (!existsSync(folder)) return [];
  const records = readdirSync(folder)
    .map((id) => runFiles(runFolder(home, id)).record)
    .filter((file) => existsSync(file))
    .map((file) => readJson(file, RunRecord));
  return records.sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
}

/** The run of that id, or of a beginning that only one id has. @throws AppError run-not-found */
export function findRun(home: string, id: string): string {
  const run = findRunIfAny(home, id);
  if (!run) throw new AppError('run-not-found', { run: id });
  return run;
}

/** As `findRun`, for an id that may be something else. */
export function findRunIfAny(home: string, id: string): string | null {
  const ids = listRuns(home).map((record) => record.id);
  const matches = ids.includes(id) ? [id] : ids.filter((known) => known.startsWith(id));
  return id !== '' && matches.length === 1 ? runFolder(home, matches[0] as string) : null;
}
