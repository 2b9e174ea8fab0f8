/** What answers for the candidates of a comparison: models of this home, and endpoints elsewhere, by how Slipway refers to them. */
import type { CandidateModel } from '../../compare/candidates.js';
import { listServedModels } from '../../compare/evidence/ask.js';
import type { ServedCandidate } from '../../compare/evidence/measuring.js';
import type { ComparisonRecord } from '../../protocol/comparison.js';
import type { Endpoint, ServedModel } from '../../protocol/endpoint.js';
import { AppError } from '../../protocol/errors.js';
import { type RunningServer, randomApiKey } from '../../run/api/start-server.js';
import { type LocalModels, localEntries, serveModels } from '../../run/serve-models.js';
import { importedModel } from '../../run/weights/resolve-model.js';
import { endpointNotFound, findEndpoint } from '../../store/endpoints.js';
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
  for (const one of local) {
    const { entries, scorers } = await localEntries(localModels(home, one, onProgress));
    for (const { id, sha256, artifact_sha256 } of scorers)
      models.set(id, { model: id, model_ref: id, model_sha256: sha256, adapter_sha256: artifact_sha256 });
    for (const { id, sha256, adapter_sha256 } of entries)
      models.set(id, { model: id, model_ref: id, model_sha256: sha256, adapter_sha256 });
  }
  for (const endpoint of endpoints.map((one) => withKey(home, one))) {
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
  const servers: RunningServer[] = [];
  const close = async () => {
    for (const server of servers) await server.close();
  };
  const served = new Map<string, ServedCandidate>();
  const add = async (endpoint: Endpoint, refOf: (id: string) => string) => {
    const models = await listServedModels(endpoint);
    const baseOf = ({ parent }: ServedModel) => models.find(({ id }) => id === parent) ?? null;
    for (const model of models) served.set(refOf(model.id), { endpoint: { ...endpoint, model: model.id }, model, base: baseOf(model) });
  };
  try {
    for (const one of local) {
      const request = { port: 0, api_key: randomApiKey(), num_engines, num_threads: NUM_THREADS, context_length: CONTEXT_LENGTH };
      const server = await serveModels(home, { ...localModels(home, one, onProgress), ...request });
      servers.push(server);
      await add({ base_url: server.base_url, model: '', ...(server.api_key ? { api_key: server.api_key } : {}) }, (id) => id);
    }
    for (const endpoint of endpoints.map((one) => withKey(home, one))) await add(endpoint, (id) => endpointRef(endpoint, id));
  } catch (error) {
    await close();
    throw error;
  }
  return { served, concurrency: num_engines, close };
}

/** @throws AppError endpoint-not-found where the home keeps it no more, or at another address; endpoint-key-missing */
function withKey(home: string, { base_url, model, api_key_env, name }: Sources['endpoints'][number]): Endpoint {
  if (name !== undefined) {
    const kept = findEndpoint(home, name);
    if (kept?.base_url !== base_url) throw endpointNotFound(name, base_url);
    return { base_url, model, ...(kept.api_key ? { api_key: kept.api_key } : {}) };
  }
  if (api_key_env === null) return { base_url, model };
  const api_key = process.env[api_key_env];
  if (!api_key) throw new AppError('endpoint-key-missing', { variable: api_key_env, url: base_url });
  return { base_url, model, api_key };
}

function localModels(home: string, { model, runs }: Sources['local'][number], onProgress: LocalModels['onProgress']): LocalModels {
  return { model_folder: importedModel(home, model), runs: runs.map((run) => servedRun(runFolder(home, run))), onProgress };
}
