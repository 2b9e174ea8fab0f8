/** From a recipe to a verdict. What can be wrong with rows and gate is reported before anything is fetched or trained. */
import { comparisonId } from '../compare/comparison.js';
import { splitWarnings } from '../data/splits.js';
import { type AnyRow, comparedRows, conversationOf } from '../protocol/row.js';
import type { Verdict } from '../protocol/verdict.js';
import { ensureEngine } from '../run/engine/engine-packages.js';
import type { Ending } from '../tune/follow.js';
import type { LoadedRecipe } from '../tune/read-recipe.js';
import { followMeasuring, startMeasuring, verdictsOf } from './compare/measure.js';
import { namedRewardModel } from './compare/named-reward-model.js';
import { openRunComparison } from './compare/open-run.js';
import { requiredGate } from './compare/recipe-gate.js';
import type { Reporter } from './reporter.js';
import { readApart } from './rows/read-apart.js';
import { followRun } from './tune/follow-run.js';
import { checkNeeds, describeNeeds } from './tune/needs.js';
import { readyModel } from './tune/ready-model.js';
import { startRun } from './tune/start-run.js';

/** A verdict, or how the job ended that did not come to its end: the run, or the comparison. */
export type GoResult =
  | { kind: 'ended'; job: string; ending: Ending }
  | { kind: 'judged'; run: string; comparison: string; verdict: Verdict };

export interface GoOptions {
  offline: boolean;
  fresh: boolean;
  /** Told the run, and later the comparison, as soon as there is one, so that it can be stopped. */
  onJob: (folder: string) => void;
}

const SHOWN_EXAMPLES = 3;

export async function go(home: string, loaded: LoadedRecipe, reporter: Reporter, options: GoOptions): Promise<GoResult> {
  const splits = await readApart('splits', loaded);
  const gate = requiredGate(loaded, splits);
  if (gate.gate.reward_model !== undefined) namedRewardModel(home, gate.gate.reward_model);
  reporter.stage('machine', 'disk, memory and downloads');
  for (const line of describeNeeds(await checkNeeds(home, loaded.recipe.model, options))) reporter.note(line);
  reporter.done('enough of both');
  if (!options.offline) await ensureEngine();
  const ready = await readyModel(home, loaded, reporter, options);
  reporter.stage('data', 'train, dev and test rows');
  for (const warning of splitWarnings(splits)) reporter.note(warning);
  for (const row of splits.train.slice(0, SHOWN_EXAMPLES)) reporter.note(exampleText(row));
  reporter.done(`${splits.train.length} train, ${splits.dev.length} dev, ${splits.test.length} test; no row of one is in another`);
  const { run, is_done } = await startRun(home, { loaded, splits, ready, fresh: options.fresh }, reporter);
  options.onJob(run);
  const ending: Ending = is_done ? { reason: 'done' } : await followRun(run, reporter);
  if (ending.reason !== 'done') return { kind: 'ended', job: run, ending };
  const allows_near_duplicates = loaded.recipe.allow?.includes('near-duplicates') ?? false;
  const comparison = await openRunComparison(run, { gate, test: comparedRows(splits.test), allows_near_duplicates }, reporter);
  const measuring = await startMeasuring(comparison);
  options.onJob(comparison.folder);
  if (!measuring.is_done) {
    const measured = await followMeasuring(comparison, reporter);
    if (measured.reason !== 'done') return { kind: 'ended', job: comparison.folder, ending: measured };
  }
  const [verdict] = verdictsOf(comparison) as [Verdict];
  return { kind: 'judged', run, comparison: comparisonId(comparison), verdict };
}

function exampleText(row: AnyRow): string {
  const messages = conversationOf(row);
  const [question, answer] = [messages.findLast(({ role }) => role === 'user'), messages.at(-1)];
  return `${question?.content}\n→ ${answer?.content}`;
}
