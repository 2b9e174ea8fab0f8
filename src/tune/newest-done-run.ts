/** The run that a command without an id means. */
import { runFolder } from '../store/home.js';
import { listRuns } from '../store/runs.js';
import { readStatus } from './launch/attempts.js';

/** @param isWanted by the run's folder */
export function newestDoneRun(home: string, isWanted: (run: string) => boolean = () => true): string | null {
  const folders = listRuns(home).map(({ id }) => runFolder(home, id));
  return folders.find((run) => readStatus(run) === 'done' && isWanted(run)) ?? null;
}
