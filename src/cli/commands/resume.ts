/** slipway resume RUN|COMPARISON */
import { readComparison } from '../../compare/comparison.js';
import { followMeasuring, resumeMeasuring } from '../../flow/compare/measure.js';
import { findJob } from '../../flow/find-job.js';
import { followRun } from '../../flow/tune/follow-run.js';
import { resume } from '../../flow/tune/start-run.js';
import { slipwayHome } from '../../store/home.js';
import { interruptibleJob, reportEnding, reportStarted } from '../follow-job.js';
import { terminalReporter } from '../terminal-reporter.js';

export async function resumeCommand(id: string, options: { detach?: boolean; json?: boolean }): Promise<void> {
  const home = slipwayHome();
  const { kind, folder } = findJob(home, id);
  const isJson = options.json === true;
  const reporter = terminalReporter(isJson ? process.stderr : process.stdout);
  const interrupt = interruptibleJob(reporter);
  try {
    if (kind === 'run') await resume(home, folder, reporter.progress);
    else await resumeMeasuring(folder);
    interrupt.onJob(folder);
    if (options.detach) {
      reporter.end();
      return reportStarted(folder, isJson);
    }
    const ending = kind === 'run' ? await followRun(folder, reporter) : await followMeasuring(readComparison(folder), reporter);
    reporter.end();
    reportEnding(folder, ending, isJson);
  } finally {
    interrupt.end();
  }
}
