/** The GGUF build of a run's adapter, with its parity figures; a build whose gate failed is never served. */
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ggufServing } from '../../model/families/serving.js';
import { readGguf } from '../../model/gguf/read.js';
import { Artifact, ParityReference } from '../../protocol/artifact.js';
import { Build, type ParityFigures } from '../../protocol/build.js';
import { AppError } from '../../protocol/errors.js';
import { ModelRecord } from '../../protocol/model-record.js';
import { readJson, readLines, writeJson } from '../../store/files.js';
import { sha256File } from '../../store/hash.js';
import { modelFiles, runFiles } from '../../store/home.js';
import { packageVersion } from '../../store/package.js';
import { convertLora } from './convert-lora.js';
import { measureParity, parityProblems } from './parity.js';

/**
 * Reuses a build that was made of the same artifact.
 * @throws AppError build-missing when the run is not done, artifact-is-model when all weights were trained, parity-failed with the figures
 */
export async function buildAdapter(
  run: string,
  modelFolder: string,
  options: { served_mean_limit: number; onProgress: (text: string, share: number) => void },
): Promise<{ file: string; build: Build }> {
  const files = runFiles(run);
  if (!existsSync(files.artifact)) throw new AppError('build-missing', { run: basename(run) });
  if (readJson(files.artifact, Artifact).kind !== 'adapter') {
    throw new AppError('artifact-is-model', { run: basename(run), folder: files.artifactFolder });
  }
  const sourceHash = await sha256File(files.artifact);
  const known = existsSync(files.build) ? readJson(files.build, Build) : null;
  const isCurrent = known?.source_sha256 === sourceHash && known.parity.served_mean_limit_nats === options.served_mean_limit;
  const build = isCurrent ? known : await makeBuild(run, modelFolder, sourceHash, options);
  if (!isCurrent) writeJson(files.build, build);
  const file = join(files.ggufLora, build.file.path);
  if (build.parity.problems.length > 0) {
    throw new AppError('parity-failed', { problem: build.parity.problems.join('; '), run: basename(run), build: files.build });
  }
  return { file, build };
}

async function makeBuild(
  run: string,
  modelFolder: string,
  sourceHash: string,
  options: { served_mean_limit: number; onProgress: (text: string, share: number) => void },
): Promise<Build> {
  const files = runFiles(run);
  mkdirSync(files.ggufLora, { recursive: true });
  options.onProgress('writing the adapter as GGUF', 0);
  const base = ggufServing(await readGguf(modelFiles(modelFolder).gguf));
  const temporary = join(files.ggufLora, 'adapter.gguf.tmp');
  await convertLora(files.artifactFolder, base, temporary);
  // The engine caches adapters by path: a name made from the hash is never another adapter.
  const sha256 = await sha256File(temporary);
  const path = `adapter-${sha256.slice(0, 16)}.gguf`;
  const adapter = join(files.ggufLora, path);
  renameSync(temporary, adapter);
  options.onProgress('measuring parity with the trained model', 0.1);
  const { float32, served } = await measureAdapter(run, modelFolder, adapter);
  return {
    kind: 'gguf-lora',
    file: { path, sha256, bytes: statSync(adapter).size },
    source_sha256: sourceHash,
    converter: `slipway ${packageVersion()}`,
    parity: {
      float32,
      served,
      served_mean_limit_nats: options.served_mean_limit,
      problems: parityProblems(float32, served, options.served_mean_limit),
    },
  };
}

/** Parity of a GGUF adapter with the run's reference, on the float32 base and on the base as it is served. */
export async function measureAdapter(
  run: string,
  modelFolder: string,
  adapter: string,
): Promise<{ float32: ParityFigures; served: ParityFigures }> {
  const model = modelFiles(modelFolder);
  const { chat_template } = ggufServing(await readGguf(model.gguf));
  const { quantization } = readJson(model.record, ModelRecord);
  const references = readLines(runFiles(run).parityReference, ParityReference);
  const longest = Math.max(...references.map((reference) => reference.token_ids.length));
  const measure = (gguf: string, base_type: string, cache_type: 'F16' | 'F32') =>
    measureParity({
      engine: { gguf, num_threads: 1, context_length: contextFor(longest), cache_type },
      base_type,
      adapter,
      chat_template,
      references,
    });
  // Side by side, with one thread each: scoring gains nothing from a second one.
  const [float32, served] = await Promise.all([measure(model.float32Gguf, 'F32', 'F32'), measure(model.gguf, quantization, 'F16')]);
  return { float32, served };
}

/** llama.cpp pads contexts to 256 tokens. */
export function contextFor(numTokens: number): number {
  return Math.ceil((numTokens + 1) / 256) * 256;
}
