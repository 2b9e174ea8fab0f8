/** What answers for the candidates of a comparison: models of this home, and endpoints elsewhere, by how Slipway refers to them. */
import type { CandidateModel } from '../../compare/candidates.js';
import { listServedModels } from '../../compare/evidence/ask.js';
import type { ServedCandidate } from '../../compare/evidence/measuring.js';
import type { ComparisonRecord } from '../../protocol/comparison.js';
import type { Endpoint, ServedModel } from '../../protocol/endpoint.js';
import { type LocalModels, localEntries, serveModels } from '../../run/serve-models.js';
import { importedModel } from '../../run/weights/resolve-model.js';
import { runFolder } from '../../store/home.js';
import { probeMachine } from '../../tune/plan/machine.js';
import { servedRun } from './served-run.js';

/** Room for eight examples, rules, a report and its record. */
const CONTEXT_LENGTH = 2048;
/** One thread each: answers must not depend on the machine's number of cores, and a second thread gains nothing. */
const NUM_THREADS = 1;

type Sources = Pick<ComparisonRecord, 'local' | 'endpoints'>;

export const endpointRef = ({ base_url }: { base_url: string }, model: string) => `${base_url}#${model}`;

/** The models by reference, known by their bytes where these are known; nothing is started. @throws AppError those of building, endpoint-failed */
export async function candidateModels(
  home: string,
  { local, endpoints }: Sources,
  onProgress: LocalModels['onProgress'],
): Promise<Map<string, CandidateModel>> {
  const models = new Map<string, CandidateModel>();
  const { entries } = local ? await localEntries(localModels(home, local, onProgress)) : { entries: [] };
  for (const { id, sha256, adapter_sha256 } of entries) models.set(id, { model: id, model_ref: id, model_sha256: sha256, adapter_sha256 });
  for (const endpoint of endpoints) {
    for (const { id, sha256, adapter_sha256 } of await listServedModels(endpoint)) {
      const model_ref = endpointRef(endpoint, id);
      models.set(model_ref, { model: id, model_ref, model_sha256: sha256 ?? model_ref, adapter_sha256: adapter_sha256 ?? null });
    }
  }
  return models;
}

export interface ServedComparison {
  served: Map<string, ServedCandidate>;
  /** Answers at a time. */
  concurrency: number;
  close(): Promise<void>;
}

/** Starts the models of this home, and asks each endpoint what it serves. @throws AppError those of serving, endpoint-failed */
export async function serveComparison(
  home: string,
  { local, endpoints }: Sources,
  onProgress: LocalModels['onProgress'],
): Promise<ServedComparison> {
  const num_engines = Math.min(2, probeMachine(home).num_cores);
  const server = local
    ? await serveModels(home, {
        ...localModels(home, local, onProgress),
        port: 0,
        num_engines,
        num_threads: NUM_THREADS,
        context_length: CONTEXT_LENGTH,
      })
    : null;
  const served = new Map<string, ServedCandidate>();
  const add = async (endpoint: Endpoint, refOf: (id: string) => string) => {
    const models = await listServedModels(endpoint);
    const baseOf = ({ parent }: ServedModel) => models.find(({ id }) => id === parent) ?? null;
    for (const model of models) served.set(refOf(model.id), { endpoint: { ...endpoint, model: model.id }, model, base: baseOf(model) });
  };
  try {
    if (server) await add({ base_url: server.base_url, model: '' }, (id) => id);
    for (const endpoint of endpoints) await add(endpoint, (id) => endpointRef(endpoint, id));
  } catch (error) {
    await server?.close();
    throw error;
  }
  return { served, concurrency: num_engines, close: async () => await server?.close() };
}

function localModels(home: string, { model, runs }: NonNullable<Sources['local']>, onProgress: LocalModels['onProgress']): LocalModels {
  return { model_folder: importedModel(home, model), runs: runs.map((run) => servedRun(runFolder(home, run))), onProgress };
}
