/** slipway go RECIPE */
import { basename } from 'node:path';
import { comparisonId } from '../../compare/comparison.js';
import { go } from '../../flow/go.js';
import { slipwayHome } from '../../store/home.js';
import { interruptibleRun, reportEnding } from '../follow-run.js';
import { printJson, type RecipeOptions, recipeFrom } from '../options.js';
import { verdictScreen } from '../show-verdict.js';
import { terminalReporter } from '../terminal-reporter.js';

export async function goCommand(file: string, options: RecipeOptions & { fresh?: boolean }): Promise<void> {
  const home = slipwayHome();
  const loaded = recipeFrom(file, options);
  const reporter = terminalReporter(options.json ? process.stderr : process.stdout);
  const interrupt = interruptibleRun(reporter);
  try {
    const gone = await go(home, loaded, reporter, {
      offline: options.offline === true,
      fresh: options.fresh === true,
      onRun: interrupt.onRun,
    });
    reporter.end();
    if (!gone.verdict) return reportEnding(gone.run, gone.ending, options.json === true);
    const run = basename(gone.run);
    if (options.json) return printJson({ run, comparison: comparisonId(gone.comparison), verdict: gone.verdict });
    process.stdout.write(verdictScreen(gone.verdict, { comparison: comparisonId(gone.comparison), run }));
  } finally {
    interrupt.end();
  }
}
