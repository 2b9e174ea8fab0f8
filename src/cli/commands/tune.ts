/** slipway tune RECIPE */

import { readApart } from '../../flow/rows/read-apart.js';
import { followRun } from '../../flow/tune/follow-run.js';
import { readyModel } from '../../flow/tune/ready-model.js';
import { startRun } from '../../flow/tune/start-run.js';
import { slipwayHome } from '../../store/home.js';
import { interruptibleJob, reportEnding, reportStarted } from '../follow-job.js';
import { type RecipeOptions, recipeFrom } from '../options.js';
import { terminalReporter } from '../terminal-reporter.js';

export async function tuneCommand(file: string, options: RecipeOptions & { fresh?: boolean; detach?: boolean }): Promise<void> {
  const home = slipwayHome();
  const loaded = recipeFrom(file, options);
  const isJson = options.json === true;
  const reporter = terminalReporter(isJson ? process.stderr : process.stdout);
  const interrupt = interruptibleJob(reporter);
  try {
    const splits = await readApart('splits', loaded);
    const ready = await readyModel(home, loaded, reporter, { offline: options.offline === true });
    const { run, is_done } = await startRun(home, { loaded, splits, ready, fresh: options.fresh === true }, reporter);
    interrupt.onJob(run);
    if (options.detach && !is_done) {
      reporter.end();
      return reportStarted(run, isJson);
    }
    const ending = is_done ? { reason: 'done' as const } : await followRun(run, reporter);
    reporter.end();
    reportEnding(run, ending, isJson);
  } finally {
    interrupt.end();
  }
}
