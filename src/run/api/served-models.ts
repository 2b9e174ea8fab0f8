/** What a server answers with: base models and adapters by id, each with its context in the pool. */
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
}

export interface Served {
  pool: EnginePool;
  entries: ServedEntry[];
}

/** @throws AppError model-not-found listing what is served */
export function entryOf(served: Served, id: string): ServedEntry {
  const entry = served.entries.find((known) => known.id === id);
  if (!entry) throw new AppError('model-not-found', { model: id, known: served.entries.map((known) => known.id).join(', ') });
  return entry;
}

/** The body of GET /v1/models; an adapter names its base as `parent`, as vLLM does. */
export function listServed({ pool, entries }: Served, created: number): { object: 'list'; data: ServedModel[] } {
  const data = entries.map(
    (entry): ServedModel => ({
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
    }),
  );
  return { object: 'list', data };
}
