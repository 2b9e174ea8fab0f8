/** The GGUF build of a run's adapter, with what its parity was measured from; a build whose gate fails is never served. */
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ggufServing } from '../../model/families/serving.js';
import { readGguf } from '../../model/gguf/read.js';
import { Artifact, type HashedFile } from '../../protocol/artifact.js';
import { Build } from '../../protocol/build.js';
import { AppError } from '../../protocol/errors.js';
import { refuseProblems } from '../../protocol/refuse-problems.js';
import { readJson, writeJson, writeWhole } from '../../store/files.js';
import { sha256File, sha256Value } from '../../store/hash.js';
import { homeOf, modelFiles, runFiles } from '../../store/home.js';
import { recordInLedger } from '../../store/ledger.js';
import { packageVersion } from '../../store/package.js';
import { checkArtifact, checkBuild } from './check-build.js';
import { convertLora } from './convert-lora.js';
import { figuresOf, measureAdapter } from './measure-adapter.js';
import { parityProblems } from './parity.js';

export interface BuildOptions {
  /** Largest mean difference, in nats, of what is served from what was trained: the plan has it. */
  served_mean_limit: number;
  onProgress: (text: string, share: number) => void;
}

/** Whether the run left a reward model. @throws AppError build-missing when the run is not done */
export function isRewardModel(run: string): boolean {
  return artifactOf(run).kind === 'reward-model';
}

function artifactOf(run: string): Artifact {
  const { artifact } = runFiles(run);
  if (!existsSync(artifact)) throw new AppError('build-missing', { run: basename(run) });
  return readJson(artifact, Artifact);
}

/**
 * Reuses a build that was made of the same artifact. Whether new or not, its files are compared with the ledger, and the gate is
 * applied to the raw values.
 * @throws AppError build-missing when the run is not done, artifact-is-model when all weights were trained, not-verified when a
 * file was changed, parity-failed with the figures
 */
export async function buildAdapter(run: string, modelFolder: string, options: BuildOptions): Promise<{ file: string; build: Build }> {
  const files = runFiles(run);
  if (artifactOf(run).kind !== 'adapter') {
    throw new AppError('artifact-is-model', { run: basename(run), folder: files.artifactFolder });
  }
  options.onProgress('hashing the run and its base', 0);
  refuseProblems(basename(run), await checkArtifact(run, modelFolder, true));
  const sourceHash = await sha256File(files.artifact);
  const known = existsSync(files.build) ? readJson(files.build, Build) : null;
  const build = known?.source_sha256 === sourceHash ? known : await makeBuild(run, modelFolder, sourceHash, options.onProgress);
  refuseProblems(basename(run), await checkBuild(run, modelFolder));
  const problems = parityProblems(build.parity, options.served_mean_limit);
  if (problems.length > 0) throw new AppError('parity-failed', { problem: problems.join('; '), run: basename(run), build: files.build });
  return { file: join(files.ggufLora, build.file.path), build };
}

async function makeBuild(run: string, modelFolder: string, sourceHash: string, onProgress: BuildOptions['onProgress']): Promise<Build> {
  const files = runFiles(run);
  mkdirSync(files.ggufLora, { recursive: true });
  onProgress('writing the adapter as GGUF', 0);
  const base = ggufServing(await readGguf(modelFiles(modelFolder).gguf));
  const temporary = join(files.ggufLora, 'adapter.gguf.tmp');
  await convertLora(files.artifactFolder, base, temporary);
  // The engine caches adapters by path: a name made from the hash is never another adapter.
  const adapter = join(files.ggufLora, `adapter-${(await sha256File(temporary)).slice(0, 16)}.gguf`);
  renameSync(temporary, adapter);
  onProgress('measuring parity with the trained model', 0.1);
  const lines = await measureAdapter(run, modelFolder, adapter);
  writeWhole(files.parity, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const build: Build = {
    kind: 'gguf-lora',
    file: await hashedFile(adapter),
    source_sha256: sourceHash,
    converter: `slipway ${packageVersion()}`,
    parity: { ...figuresOf(run, modelFolder, lines), raw: await hashedFile(files.parity) },
  };
  recordInLedger(homeOf(run), () => ({
    records: [{ kind: 'build-made', run: basename(run), build_sha256: sha256Value(build) }],
    result: undefined,
  }));
  writeJson(files.build, build);
  return build;
}

async function hashedFile(path: string): Promise<HashedFile> {
  return { path: basename(path), sha256: await sha256File(path), bytes: statSync(path).size };
}
