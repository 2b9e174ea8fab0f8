/** slipway stop RUN */
import { basename } from 'node:path';
import { slipwayHome } from '../../store/home.js';
import { findRun } from '../../store/runs.js';
import { stopRun } from '../../tune/stop-run.js';
import { printJson } from '../options.js';

export async function stopCommand(id: string, options: { json?: boolean }): Promise<void> {
  const run = findRun(slipwayHome(), id);
  stopRun(run, 'slipway stop');
  if (options.json) return printJson({ run: basename(run), stop_requested: true });
  process.stdout.write(`asked ${basename(run)} to save a checkpoint and stop; go on: slipway resume ${basename(run)}\n`);
}
