/** The reward model that a gate names, as it is when a comparison is opened: what is served for it, and how far it can be believed. */
import { basename } from 'node:path';
import { wilson } from '../../compare/verdict/shown-statistics.js';
import { Artifact } from '../../protocol/artifact.js';
import type { ComparisonRecord } from '../../protocol/comparison.js';
import { AppError } from '../../protocol/errors.js';
import type { Row } from '../../protocol/row.js';
import { percent } from '../../protocol/units.js';
import { isRewardModel } from '../../run/weights/build-adapter.js';
import { readJson } from '../../store/files.js';
import { sha256File } from '../../store/hash.js';
import { runFiles } from '../../store/home.js';
import { findRun } from '../../store/runs.js';
import { readPlan } from '../../tune/read-plan.js';
import { refuseTrainedRows } from './refuse-trained.js';

type Opened = Pick<ComparisonRecord, 'local' | 'caveats' | 'reward_model'>;

/**
 * @param name a run's id, or a beginning of one; undefined: the gate names none
 * @throws AppError those of namedRewardModel, data-split-overlap when it was trained on test rows, near-duplicates
 */
export async function withRewardModel(home: string, name: string | undefined, request: Opened & { test: Row[] }): Promise<Opened> {
  const { local, caveats, test } = request;
  if (name === undefined) return { local, caveats };
  const folder = namedRewardModel(home, name);
  const run = basename(folder);
  const { artifact } = runFiles(folder);
  const { reward } = readJson(artifact, Artifact);
  const base = readPlan(folder).models.policy.id;
  const served = local.find(({ model }) => model === base) ?? { model: base, runs: [] };
  return {
    local: [...local.filter((one) => one !== served), { ...served, runs: [...served.runs, run] }],
    caveats: [...new Set([...caveats, ...refuseTrainedRows([folder], test, false), accuracyText(run, reward)])],
    reward_model: { run, artifact_sha256: await sha256File(artifact) },
  };
}

/** Its run's folder. @throws AppError run-not-found, id-ambiguous, build-missing, artifact-answers */
export function namedRewardModel(home: string, name: string): string {
  const folder = findRun(home, name);
  if (!isRewardModel(folder)) throw new AppError('artifact-answers', { run: basename(folder) });
  return folder;
}

function accuracyText(run: string, reward: Artifact['reward']): string {
  const who = `answers are scored by the reward model ${run}`;
  if (reward === null) return `${who}, whose accuracy is not known: it had no dev pairs`;
  const { low, high } = wilson(reward.num_right, reward.num_pairs);
  return `${who}, which is right on ${reward.num_right} of ${reward.num_pairs} pairs of its own dev rows (95 %: ${percent(low)} to ${percent(high)})`;
}
