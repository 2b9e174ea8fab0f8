/** Base and adapters of a home, served: parity gates passed, engines started, address known. */
import { basename } from 'node:path';
import { ggufServing } from '../model/families/serving.js';
import { readGguf } from '../model/gguf/read.js';
import { AppError } from '../protocol/errors.js';
import { ModelRecord } from '../protocol/model-record.js';
import { refuseProblems } from '../protocol/refuse-problems.js';
import { readJson } from '../store/files.js';
import { sha256File } from '../store/hash.js';
import { modelFiles, runFiles } from '../store/home.js';
import type { ScoredEntry, Served, ServedEntry } from './api/served-models.js';
import { type RunningServer, startServer } from './api/start-server.js';
import { startPool } from './engine/pool.js';
import { type ScorerSettings, startScorer } from './scorer/scorer.js';
import { buildAdapter, isRewardModel } from './weights/build-adapter.js';
import { changedFiles, checkArtifact } from './weights/check-build.js';

export interface ServedRun {
  folder: string;
  /** Largest mean difference, in nats, between what is served and what was trained. */
  served_mean_limit: number;
  /** The interpreter that a reward model is scored with. */
  python: string;
}

export interface LocalModels {
  model_folder: string;
  /** Whose adapters are served beside the base. */
  runs: ServedRun[];
  onProgress: (text: string, share?: number) => void;
}

export interface ServeRequest extends LocalModels {
  port: number;
  /** What each request has to carry; null: none. */
  api_key: string | null;
  num_engines: number;
  num_threads: number;
  context_length: number;
}

/** What can be served of a base and its adapters. */
export interface LocalEntries {
  /** The base first. */
  entries: ServedEntry[];
  /** GGUF files by context; null is the base itself. */
  adapters: Record<string, string | null>;
  scorers: (ScoredEntry & Pick<ScorerSettings, 'python' | 'artifact_folder'>)[];
}

/**
 * What would be served, with nothing started: adapters are converted, and their parity is measured where it was not before.
 * @throws AppError model-training-only, build-missing, parity-failed, not-verified when a file was changed
 */
export async function localEntries({ model_folder, runs, onProgress }: LocalModels): Promise<LocalEntries> {
  const files = modelFiles(model_folder);
  const record = readJson(files.record, ModelRecord);
  if (!record.gguf) {
    throw new AppError('model-training-only', { model: record.id, reason: record.training_only ?? 'unknown', folder: files.transformers });
  }
  onProgress('hashing the base model');
  const trained = runs.some(({ folder }) => isRewardModel(folder)) ? record.files : [];
  refuseProblems(record.id, await changedFiles(record.id, model_folder, [record.gguf, ...trained]));
  const { chat_template, has_embeddings } = ggufServing(await readGguf(files.gguf));
  const base: ServedEntry = {
    id: record.id,
    context: 'base',
    parent: null,
    sha256: record.sha256,
    adapter_sha256: null,
    quantization: record.quantization,
    chat_template,
    has_embeddings,
  };
  const entries = [base];
  const adapters: Record<string, string | null> = { base: null };
  const scorers: LocalEntries['scorers'] = [];
  for (const { folder, served_mean_limit, python } of runs) {
    if (isRewardModel(folder)) {
      scorers.push({ ...(await scoredEntry(folder, model_folder, record)), python });
      continue;
    }
    const { file, build } = await buildAdapter(folder, model_folder, { served_mean_limit, onProgress });
    const id = basename(folder);
    adapters[id] = file;
    entries.push({ ...base, id, context: id, parent: record.id, adapter_sha256: build.file.sha256 });
  }
  return { entries, adapters, scorers };
}

/** @throws AppError not-verified when a file was changed */
async function scoredEntry(folder: string, modelFolder: string, { id, sha256, quantization }: ModelRecord) {
  const { artifact, artifactFolder } = runFiles(folder);
  refuseProblems(basename(folder), await checkArtifact(folder, modelFolder, true));
  const artifact_sha256 = await sha256File(artifact);
  return { id: basename(folder), parent: id, sha256, artifact_sha256, quantization, artifact_folder: artifactFolder };
}

/** @throws AppError parity-failed: an adapter whose gate failed is not served, and nothing else is either */
export async function serveModels(
  home: string,
  request: ServeRequest,
): Promise<RunningServer & { entries: ServedEntry[]; scorers: ScoredEntry[] }> {
  const { entries, adapters, scorers } = await localEntries(request);
  request.onProgress('starting the engine');
  const engine = { gguf: modelFiles(request.model_folder).gguf, num_threads: request.num_threads, context_length: request.context_length };
  const pool = await startPool(engine, request.num_engines, adapters);
  const started: Served['scorers'] = [];
  try {
    for (const { python, artifact_folder, ...entry } of scorers) {
      request.onProgress(`loading the reward model ${entry.id}`);
      const base_folder = modelFiles(request.model_folder).transformers;
      started.push({ ...entry, scorer: await startScorer({ python, base_folder, artifact_folder, num_threads: request.num_threads }) });
    }
    return { ...(await startServer(home, { pool, entries, scorers: started }, request)), entries, scorers };
  } catch (error) {
    await pool.close();
    for (const { scorer } of started) await scorer.close();
    throw error;
  }
}
