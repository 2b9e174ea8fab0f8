/** slipway go RECIPE */
import { basename } from 'node:path';
import { go } from '../../flow/go.js';
import { shellWord } from '../../protocol/shell-word.js';
import { startStudio } from '../../server/studio.js';
import { comparisonPath } from '../../server/views/comparison-view.js';
import { comparisonFolder, slipwayHome } from '../../store/home.js';
import { readLedger } from '../../store/ledger.js';
import { interruptibleJob, reportEnding } from '../follow-job.js';
import { givenOptions, printJson, type RecipeOptions, recipeFrom, wholeNumber } from '../options.js';
import { VERDICT_EXIT_CODES, verdictLine, verdictScreen } from '../show-verdict.js';
import { terminalReporter } from '../terminal-reporter.js';
import { untilInterrupted } from '../until-interrupted.js';

interface GoOptions extends RecipeOptions {
  fresh?: boolean;
  exitCode?: boolean;
  serve: boolean;
  port: string;
}

export async function goCommand(file: string, options: GoOptions): Promise<void> {
  const port = wholeNumber('--port', options.port, 0, 'go');
  const home = slipwayHome();
  const loaded = recipeFrom(file, options);
  const reporter = terminalReporter(options.json ? process.stderr : process.stdout);
  const interrupt = interruptibleJob(reporter);
  try {
    const result = await go(home, loaded, reporter, {
      offline: options.offline === true,
      fresh: options.fresh === true,
      onJob: interrupt.onJob,
    });
    reporter.end();
    if (result.kind === 'ended')
      return reportEnding(result.job, result.ending, options.json === true, `slipway go ${shellWord(file)}${givenOptions(options)}`);
    const run = basename(result.run);
    const { verdict, comparison } = result;
    if (options.exitCode) process.exitCode = VERDICT_EXIT_CODES[verdict.decision];
    if (options.json) return printJson({ run, comparison, verdict, ledger_head: readLedger(home).head });
    process.stdout.write(verdictScreen(verdict, { comparison, run }));
    interrupt.end();
    if (options.serve) await servePage(home, port, comparisonPath(comparisonFolder(home, comparison)), verdictLine(verdict));
  } finally {
    interrupt.end();
  }
}

/** The page of the verdict, until Ctrl-C; its address is the last thing on the screen. */
async function servePage(home: string, port: number, path: string, line: string): Promise<void> {
  const studio = await startStudio(home, { port, data_folders: [process.cwd()] });
  process.stdout.write(`  The page is served until Ctrl-C; the link signs one browser in, once.\n\n${line}\n${studio.link(path)}\n`);
  await untilInterrupted();
  await studio.close();
}
