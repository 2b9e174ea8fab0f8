/** What a server answers with: base models and adapters by id, each with its context in the pool. */
import type { FastifyInstance } from 'fastify';
import type { ServedModel } from '../../protocol/endpoint.js';
import { AppError } from '../../protocol/errors.js';
import type { EnginePool } from '../engine/pool.js';

export interface ServedEntry {
  id: string;
  context: string;
  parent: string | null;
  sha256: string;
  adapter_sha256: string | null;
  quantization: string;
  chat_template: string;
  /** Whether the base is made for embeddings. */
  has_embeddings: boolean;
}

export interface Served {
  pool: EnginePool;
  entries: ServedEntry[];
  /** Aborted when the server ends: answers that are not finished end then. */
  ending: AbortSignal;
}

/** @throws AppError model-not-found listing what is served */
export function entryOf(served: Served, id: string): ServedEntry {
  const entry = served.entries.find((known) => known.id === id);
  if (!entry) throw new AppError('model-not-found', { model: id, known: served.entries.map((known) => known.id).join(', ') });
  return entry;
}

/** GET /v1/models and GET /v1/models/{id}; an adapter names its base as `parent`, as vLLM does. */
export function models(app: FastifyInstance, served: Served): void {
  const created = Math.floor(Date.now() / 1000);
  app.get('/v1/models', () => ({ object: 'list', data: served.entries.map((entry) => modelOf(served.pool, entry, created)) }));
  app.get<{ Params: { id: string } }>('/v1/models/:id', ({ params }) => modelOf(served.pool, entryOf(served, params.id), created));
}

function modelOf(pool: EnginePool, entry: ServedEntry, created: number): ServedModel {
  return {
    id: entry.id,
    object: 'model',
    created,
    owned_by: 'slipway',
    parent: entry.parent,
    sha256: entry.sha256,
    adapter_sha256: entry.adapter_sha256,
    chat_template: entry.chat_template,
    facts: {
      engine: pool.name,
      quantization: entry.quantization,
      num_threads: pool.num_threads,
      context_length: pool.context_length,
    },
  };
}
