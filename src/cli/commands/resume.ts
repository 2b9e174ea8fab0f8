/** slipway resume RUN */
import { followRun } from '../../flow/tune/follow-run.js';
import { resume } from '../../flow/tune/start-run.js';
import { slipwayHome } from '../../store/home.js';
import { findRun } from '../../store/runs.js';
import { interruptibleRun, reportEnding, reportStarted } from '../follow-run.js';
import { terminalReporter } from '../terminal-reporter.js';

export async function resumeCommand(id: string, options: { detach?: boolean; json?: boolean }): Promise<void> {
  const home = slipwayHome();
  const run = findRun(home, id);
  const isJson = options.json === true;
  const reporter = terminalReporter(isJson ? process.stderr : process.stdout);
  const interrupt = interruptibleRun(reporter);
  try {
    await resume(home, run, reporter.progress);
    interrupt.onRun(run);
    if (options.detach) {
      reporter.end();
      return reportStarted(run, isJson);
    }
    const ending = await followRun(run, reporter);
    reporter.end();
    reportEnding(run, ending, isJson);
  } finally {
    interrupt.end();
  }
}
