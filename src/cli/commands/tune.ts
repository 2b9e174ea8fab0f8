/** slipway tune RECIPE */
import { readyModel, tuneRecipe } from '../../flow/tune-recipe.js';
import { slipwayHome } from '../../store/home.js';
import { recipeSplits } from '../../tune/prepare.js';
import { interruptibleRun, reportEnding } from '../follow-run.js';
import { type RecipeOptions, recipeFrom } from '../options.js';
import { terminalReporter } from '../terminal-reporter.js';

export async function tuneCommand(file: string, options: RecipeOptions & { fresh?: boolean; detach?: boolean }): Promise<void> {
  const home = slipwayHome();
  const loaded = recipeFrom(file, options);
  const reporter = terminalReporter(options.json ? process.stderr : process.stdout);
  const interrupt = interruptibleRun(reporter);
  const offline = options.offline === true;
  try {
    const splits = await recipeSplits(loaded);
    const ready = await readyModel(home, loaded, reporter, { offline });
    const { run, ending } = await tuneRecipe(home, loaded, splits, ready, reporter, {
      offline,
      fresh: options.fresh === true,
      detach: options.detach === true,
      onRun: interrupt.onRun,
    });
    reporter.end();
    reportEnding(run, ending, options.json === true);
  } finally {
    interrupt.end();
  }
}
