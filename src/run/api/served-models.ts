/** What a server answers with: base models and adapters by id, each with its context in the pool. */
import type { FastifyInstance } from 'fastify';
import type { ServedModel } from '../../protocol/endpoint.js';
import { AppError } from '../../protocol/errors.js';
import type { EnginePool } from '../engine/pool.js';
import type { Scorer } from '../scorer/scorer.js';

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

/** A reward model: it scores answers and writes none. */
export interface ScoredEntry {
  id: string;
  parent: string;
  sha256: string;
  /** Of its artifact.json. */
  artifact_sha256: string;
  quantization: string;
}

export interface Served {
  pool: EnginePool;
  entries: ServedEntry[];
  scorers: (ScoredEntry & { scorer: Scorer })[];
  /** Aborted when the server ends: answers that are not finished end then. */
  ending: AbortSignal;
}

/** @throws AppError model-not-found listing what is served, request-invalid for a reward model */
export function entryOf(served: Served, id: string): ServedEntry {
  const entry = served.entries.find((known) => known.id === id);
  if (entry) return entry;
  if (served.scorers.some((known) => known.id === id))
    throw new AppError('request-invalid', { problem: `model: ${id} is a reward model, which writes nothing: ask /v1/score` });
  throw new AppError('model-not-found', { model: id, known: idsOf(served).join(', ') });
}

const idsOf = ({ entries, scorers }: Served) => [...entries, ...scorers].map(({ id }) => id);

/** @throws AppError model-not-found listing what is served, request-invalid for a model that answers */
export function scorerOf(served: Served, id: string): Served['scorers'][number] {
  const found = served.scorers.find((known) => known.id === id);
  if (found) return found;
  if (!served.entries.some((known) => known.id === id))
    throw new AppError('model-not-found', { model: id, known: idsOf(served).join(', ') });
  const others = served.scorers.map((known) => known.id).join(', ') || 'none is served, start `slipway serve RUN` with one';
  throw new AppError('request-invalid', { problem: `model: ${id} is no reward model; those are: ${others}` });
}

/** GET /v1/models and GET /v1/models/{id}; an adapter names its base as `parent`, as vLLM does. */
export function models(app: FastifyInstance, served: Served): void {
  const created = Math.floor(Date.now() / 1000);
  const all = () => [
    ...served.entries.map((entry) => modelOf(served.pool, entry, created)),
    ...served.scorers.map((entry) => rewardModelOf(entry, created)),
  ];
  app.get('/v1/models', () => ({ object: 'list', data: all() }));
  app.get<{ Params: { id: string } }>('/v1/models/:id', ({ params }) => {
    const found = all().find(({ id }) => id === params.id);
    if (!found) throw new AppError('model-not-found', { model: params.id, known: idsOf(served).join(', ') });
    return found;
  });
}

function rewardModelOf(
  { id, parent, sha256, artifact_sha256, quantization, scorer }: Served['scorers'][number],
  created: number,
): ServedModel {
  const { name: engine, num_threads, context_length } = scorer;
  // The trained weights as Transformers has them; on a GPU too (not tried on one).
  const facts = { engine, quantization: `${quantization} as float32`, num_threads, context_length };
  return {
    id,
    object: 'model',
    created,
    owned_by: 'slipway',
    parent,
    sha256,
    adapter_sha256: artifact_sha256,
    facts,
    is_reward_model: true,
  };
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
