/** A run folder, from the recipe to the first attempt's plan. */
import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { rowLines, type Splits } from '../../data/splits.js';
import type { Inspection } from '../../protocol/inspection.js';
import type { Plan } from '../../protocol/plan.js';
import type { RunRecord } from '../../protocol/run.js';
import { writeJson, writeWhole } from '../../store/files.js';
import { attemptFiles, nameOfRecipe, runFiles, runFolder } from '../../store/home.js';
import { makeFolder } from '../../store/leftovers.js';
import { packageVersion } from '../../store/package.js';
import { lintSplits } from '../lint/lint-splits.js';
import { probeMachine } from '../plan/machine.js';
import { refuseMachine } from '../plan/refuse.js';
import { prepareRun, type ReadyModel, shapeOfFolder } from '../prepare.js';
import type { LoadedRecipe } from '../read-recipe.js';
import { openAttempt } from './attempts.js';

export interface CreatedRun {
  folder: string;
  attempt: string;
  plan: Plan;
  inspection: Inspection;
}

/** Creates the run and its first attempt; what the recipe or its rows make impossible leaves no folder behind. */
export async function createRun(
  home: string,
  loaded: LoadedRecipe,
  splits: Splits,
  ready: ReadyModel & { gate_sha256: string | null },
): Promise<CreatedRun> {
  const id = newRunId(loaded.file);
  const folder = runFolder(home, id);
  return await makeFolder(home, folder, async (made) => {
    const files = runFiles(made);
    mkdirSync(files.data, { mode: 0o700 });
    const { plan, inspection } = await prepareRun(loaded, splits, { ...ready, data_folder: files.data });
    writeJson(files.lint, lintSplits(splits, shapeOfFolder(ready.model_folder).context_length));
    refuseMachine(plan, probeMachine(made));
    if (splits.test.length > 0) writeWhole(files.test, rowLines(splits.test));
    writeWhole(files.recipe, loaded.text);
    const { attempt } = openAttempt(made, (created) => writeJson(attemptFiles(created).plan, plan));
    const record: RunRecord = {
      id,
      created_at: new Date().toISOString(),
      recipe_file: loaded.file,
      recipe_sha256: loaded.sha256,
      command_line: loaded.command_line,
      slipway_version: packageVersion(),
    };
    writeJson(files.record, record);
    return { folder, attempt: join(folder, relative(made, attempt)), plan, inspection };
  });
}

/** `quickstart-20261124-140213-k3`: sorts by time, and two runs of one second differ. */
function newRunId(recipeFile: string): string {
  const [date, time] = new Date().toISOString().replace(/[-:]/g, '').slice(0, 15).split('T');
  const suffix = Math.floor(Math.random() * 36 ** 2)
    .toString(36)
    .padStart(2, '0');
  return `${nameOfRecipe(recipeFile)}-${date}-${time}-${suffix}`;
}
