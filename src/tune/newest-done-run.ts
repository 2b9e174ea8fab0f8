/** The run that a command without an id means. */
import { runFolder } from '../store/home.js';
import { listRuns } from '../store/runs.js';
import { readStatus } from './launch/attempts.js';

export function newestDoneRun(home: string): string | null {
  const folders = listRuns(home).map(({ id }) => runFolder(home, id));
  return folders.find((run) => readStatus(run) === 'done') ?? null;
}
