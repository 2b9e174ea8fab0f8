/** slipway stop RUN|COMPARISON */
import { basename } from 'node:path';
import { findJob } from '../../flow/find-job.js';
import { slipwayHome } from '../../store/home.js';
import { stopJob } from '../../tune/launch/stop-job.js';
import { printJson } from '../options.js';

export async function stopCommand(id: string, options: { json?: boolean }): Promise<void> {
  const { folder } = findJob(slipwayHome(), id);
  stopJob(folder, 'slipway stop');
  const name = basename(folder);
  if (options.json) return printJson({ run: name, stop_requested: true });
  process.stdout.write(`${name} will stop after the step it is at, and keep what is done; continue it: slipway resume ${name}\n`);
}
