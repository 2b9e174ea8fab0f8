/** Recomputing what a run left: hashes, the parity gate on the recorded raw values, and the parity figures themselves. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Artifact } from '../../protocol/artifact.js';
import { Build, type ParityFigures } from '../../protocol/build.js';
import { ModelRecord } from '../../protocol/model-record.js';
import { readJson } from '../../store/files.js';
import { modelFiles, runFiles } from '../../store/home.js';
import { changedFiles, checkArtifact, checkBuild } from './check-build.js';
import { figuresOf, measureAdapter } from './measure-adapter.js';
import { parityProblems } from './parity.js';

/** Two machines' float32 sums differ in the last digits; a wrong figure differs by far more. */
const SAME_NATS = 0.002;

/**
 * @param servedMeanLimit the plan's
 * @returns what was checked, and what does not recompute (empty: all is well)
 */
export async function verifyBuild(
  run: string,
  modelFolder: string,
  servedMeanLimit: number,
): Promise<{ checked: string[]; problems: string[] }> {
  const files = runFiles(run);
  const model = readJson(modelFiles(modelFolder).record, ModelRecord);
  const artifact = readJson(files.artifact, Artifact);
  const ofModel = [...(model.gguf ? [model.gguf] : []), ...model.files];
  const problems = [...(await checkArtifact(run, modelFolder, false)), ...(await changedFiles(model.id, modelFolder, ofModel))];
  const checked = [
    'plan, rows, recipe, events and ends of attempts as they were when the run was done',
    `hashes of ${artifact.files.length} artifact files and ${ofModel.length} model files`,
  ];
  if (artifact.kind === 'reward-model')
    return { checked: [...checked, 'a reward model is scored as it was saved, against its reference at each start'], problems };
  if (!existsSync(files.build)) return { checked: [...checked, 'no GGUF build yet'], problems };
  problems.push(...(await checkBuild(run, modelFolder)));
  if (problems.length > 0) return { checked, problems };

  const build = readJson(files.build, Build);
  problems.push(...parityProblems(build.parity, servedMeanLimit));
  const again = figuresOf(run, modelFolder, await measureAdapter(run, modelFolder, join(files.ggufLora, build.file.path)));
  for (const [name, figures] of Object.entries(again)) {
    const stored = build.parity[name as keyof typeof again];
    if (!stored || !isSame(stored, figures))
      problems.push(`parity ${name}: mean ${figures.mean_nats} nats, recorded was ${stored?.mean_nats}`);
  }
  checked.push(
    `the parity gate on the recorded values, limit ${servedMeanLimit} nats`,
    `parity measured again at F32 (mean ${again.float32.mean_nats.toExponential(1)} nats) and ${again.served.base_type} (mean ${again.served.mean_nats.toFixed(4)} nats)`,
  );
  return { checked, problems };
}

function isSame(a: ParityFigures, b: ParityFigures): boolean {
  return a.num_tokens === b.num_tokens && a.num_rows_other_ids === b.num_rows_other_ids && Math.abs(a.mean_nats - b.mean_nats) < SAME_NATS;
}
