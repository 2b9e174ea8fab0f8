/** slipway compare A B */
import { comparisonId } from '../../compare/comparison.js';
import { followMeasuring, startMeasuring, verdictsOf } from '../../flow/compare/measure.js';
import { concludeTwoWay, openTwoWay } from '../../flow/compare/open-two.js';
import { slipwayHome } from '../../store/home.js';
import { interruptibleJob, reportEnding } from '../follow-job.js';
import { printJson } from '../options.js';
import { verdictScreen } from '../show-verdict.js';
import { terminalReporter } from '../terminal-reporter.js';

export async function compareCommand(a: string, b: string, options: { test?: string; json?: boolean }): Promise<void> {
  const isJson = options.json === true;
  const reporter = terminalReporter(isJson ? process.stderr : process.stdout);
  const interrupt = interruptibleJob(reporter);
  try {
    const comparison = await openTwoWay(slipwayHome(), { a, b, testFile: options.test }, reporter);
    const { is_done } = await startMeasuring(comparison);
    interrupt.onJob(comparison.folder);
    const ending = is_done ? { reason: 'done' as const } : await followMeasuring(comparison, reporter);
    reporter.end();
    if (ending.reason !== 'done') return reportEnding(comparison.folder, ending, isJson);
    const verdicts = verdictsOf(comparison);
    const conclusion = concludeTwoWay(verdicts, a, b);
    const id = comparisonId(comparison);
    if (isJson) return printJson({ comparison: id, conclusion, verdicts });
    for (const verdict of verdicts) process.stdout.write(verdictScreen(verdict, { comparison: id }));
    process.stdout.write(`  a is ${a}, b is ${b}: ${conclusion}\n`);
  } finally {
    interrupt.end();
  }
}
