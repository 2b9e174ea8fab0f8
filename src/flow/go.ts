/** The whole way: a recipe to a verdict. What can be wrong with rows and gate is told before anything is fetched or trained. */
import type { Comparison } from '../compare/comparison.js';
import type { Row } from '../protocol/row.js';
import type { Verdict } from '../protocol/verdict.js';
import type { Ending } from '../tune/follow.js';
import { recipeSplits } from '../tune/prepare.js';
import type { LoadedRecipe } from '../tune/read-recipe.js';
import { measureRecipe, recipeGate } from './measure-recipe.js';
import { checkNeeds, describeNeeds } from './needs.js';
import type { Reporter } from './reporter.js';
import { readyModel, type TuneOptions, tuneRecipe } from './tune-recipe.js';

export type Gone =
  | { run: string; ending: Ending | null; comparison: null; verdict: null }
  | { run: string; ending: Ending; comparison: Comparison; verdict: Verdict };

const SHOWN_EXAMPLES = 3;

export async function go(home: string, loaded: LoadedRecipe, reporter: Reporter, options: TuneOptions): Promise<Gone> {
  const splits = await recipeSplits(loaded);
  const gate = recipeGate(loaded, splits);
  reporter.stage('machine', 'what this will need');
  for (const line of describeNeeds(await checkNeeds(home, loaded.recipe.model, options))) reporter.note(line);
  reporter.done('enough of both');
  const ready = await readyModel(home, loaded, reporter, options);
  reporter.stage('data', 'train, dev and test rows');
  for (const row of splits.train.slice(0, SHOWN_EXAMPLES)) reporter.note(exampleText(row));
  reporter.done(`${splits.train.length} train, ${splits.dev.length} dev, ${splits.test.length} test; no row of one is in another`);
  const { run, ending } = await tuneRecipe(home, loaded, splits, ready, reporter, options);
  if (ending?.reason !== 'done') return { run, ending, comparison: null, verdict: null };
  return { run, ending, ...(await measureRecipe(home, loaded, splits, gate, run, ready.model_folder, reporter)) };
}

function exampleText(row: Row): string {
  const [question, answer] = [row.messages.findLast(({ role }) => role === 'user'), row.messages.at(-1)];
  return `${question?.content}\n→ ${answer?.content}`;
}
