/** slipway compare A B */
import { comparisonId } from '../../compare/comparison.js';
import { compareTwo } from '../../flow/compare/compare-two.js';
import { slipwayHome } from '../../store/home.js';
import { printJson } from '../options.js';
import { verdictScreen } from '../show-verdict.js';
import { terminalReporter } from '../terminal-reporter.js';

export async function compareCommand(a: string, b: string, options: { test?: string; json?: boolean }): Promise<void> {
  const reporter = terminalReporter(options.json ? process.stderr : process.stdout);
  const { comparison, verdicts, conclusion } = await compareTwo(slipwayHome(), a, b, options.test, reporter);
  reporter.end();
  const id = comparisonId(comparison);
  if (options.json) return printJson({ comparison: id, conclusion, verdicts });
  for (const verdict of verdicts) process.stdout.write(verdictScreen(verdict, { comparison: id }));
  process.stdout.write(`  a is ${a}, b is ${b}: ${conclusion}\n`);
}
