/** slipway runs */
import { verdictsOfRuns } from '../../compare/verdicts-of-runs.js';
import { localTime } from '../../protocol/units.js';
import { runFolder, slipwayHome } from '../../store/home.js';
import { listRuns, unreadableRuns } from '../../store/runs.js';
import { devLosses, foldEvents } from '../../tune/fold-events.js';
import { readStatus } from '../../tune/launch/attempts.js';
import { readEvents } from '../../tune/read-events.js';
import { noteUnreadable, printJson } from '../options.js';
import { table } from '../table.js';

export async function runsCommand(options: { json?: boolean }): Promise<void> {
  const home = slipwayHome();
  const verdicts = verdictsOfRuns(home);
  const runs = listRuns(home).map((record) => {
    const folder = runFolder(home, record.id);
    const progress = foldEvents(readEvents(folder));
    const last = progress.steps.at(-1);
    const best_dev_loss = devLosses(progress)?.best.loss ?? null;
    return {
      ...record,
      status: readStatus(folder),
      step: last?.step ?? null,
      loss: last?.loss ?? null,
      best_dev_loss,
      verdict: verdicts.get(record.id)?.decision ?? null,
    };
  });
  const unreadable = unreadableRuns(home);
  if (options.json) {
    noteUnreadable(unreadable);
    return printJson(runs);
  }
  if (runs.length + unreadable.length === 0) {
    process.stdout.write('No runs yet. Start one: slipway go recipes/quickstart.yaml\n');
    return;
  }
  const rows = runs.map(({ id, status, step, loss, best_dev_loss, verdict, created_at }) => [
    id,
    status,
    step === null ? '—' : String(step),
    loss === null ? '—' : loss.toFixed(4),
    best_dev_loss === null ? '—' : best_dev_loss.toFixed(4),
    verdict ?? '—',
    localTime(created_at),
  ]);
  process.stdout.write(`${table([['run', 'status', 'step', 'last loss', 'best dev loss', 'verdict', 'started'], ...rows], '')}\n`);
  noteUnreadable(unreadable);
}
