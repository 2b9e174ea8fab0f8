/** Candidates with everything that makes their answers, each with its identity. */
import { type Candidate, Decoding } from '../protocol/candidate.js';
import type { ServedModel } from '../protocol/endpoint.js';
import { AppError } from '../protocol/errors.js';
import { answerKind, type Gate } from '../protocol/gate.js';
import type { Message, Row } from '../protocol/row.js';
import { sha256Text, sha256Value } from '../store/hash.js';
import { parseRecord } from './evidence/score-answer.js';

/**
 * @param served which model each of the gate's model names stands for
 * @param train rows that examples are taken from
 * @throws AppError candidates-identical
 */
export function resolveCandidates(gate: Gate, served: (name: string) => ServedModel, train: Row[]): Candidate[] {
  const candidates = Object.entries(gate.candidates).map(([name, recipe]): Candidate => {
    if (recipe.constant !== undefined) return constantCandidate(name, recipe.constant);
    const model = served(recipe.model ?? '');
    const schema = recipe.decoding.json_schema ? (gate.schema ?? null) : null;
    const answering = {
      model: model.id,
      model_sha256: model.sha256 ?? model.id,
      adapter_sha256: model.adapter_sha256 ?? null,
      system: recipe.system ?? null,
      examples: pickExamples(train, recipe.num_examples, gate),
      decoding: recipe.decoding,
      schema,
      ...(recipe.decoding.choice && gate.labels ? { labels: gate.labels } : {}),
    };
    // Two names of one model are one identity: what answers is in the hashes.
    const { model: _name, ...identity } = answering;
    return { name, ...answering, identity: sha256Value(identity) };
  });
  for (const [index, first] of candidates.entries()) {
    const second = candidates.slice(index + 1).find(({ identity }) => identity === first.identity);
    if (second) throw new AppError('candidates-identical', { first: first.name, second: second.name });
  }
  return candidates;
}

/** The same answer to every question: what a model has to beat to have understood anything. */
function constantCandidate(name: string, constant: string): Candidate {
  const answering = {
    model_sha256: sha256Text(constant),
    adapter_sha256: null,
    constant,
    system: null,
    examples: [],
    decoding: Decoding.parse({}),
    schema: null,
  };
  return { name, model: 'constant', ...answering, identity: sha256Value(answering) };
}

/** The messages that ask a candidate a row's question. */
export function messagesFor(candidate: Candidate, row: Row): Message[] {
  const question = row.messages.slice(0, -1);
  const own = question.filter(({ role }) => role !== 'system');
  const system: Message[] = candidate.system
    ? [{ role: 'system', content: candidate.system }]
    : question.filter(({ role }) => role === 'system');
  return [...system, ...candidate.examples, ...own];
}

/**
 * Examples that a good engineer would show: each adds something that the ones before it lack (another value of a
 * closed list, a missing fact), and among equals the shortest, so that many fit.
 */
export function pickExamples(train: Row[], count: number, gate: Gate): Message[] {
  const usable = train.flatMap((row) => {
    const features = featuresOf(row.messages.at(-1)?.content ?? '', gate);
    return features ? [{ row, features, length: JSON.stringify(row.messages).length }] : [];
  });
  const seen = new Set<string>();
  const picked: Row[] = [];
  while (picked.length < count && usable.length > 0) {
    const news = (features: string[]) => features.filter((feature) => !seen.has(feature)).length;
    usable.sort((a, b) => news(b.features) - news(a.features) || a.length - b.length);
    const next = usable.shift() as (typeof usable)[number];
    for (const feature of next.features) seen.add(feature);
    picked.push(next.row);
  }
  return picked.flatMap((row) => row.messages.filter(({ role }) => role !== 'system'));
}

/** What an example would show of its kind of answer; null for an answer that is no example. */
function featuresOf(answer: string, gate: Gate): string[] | null {
  if (answerKind(gate.metric) === 'label') return [answer];
  if (answerKind(gate.metric) === 'text') return [];
  const fields = Object.keys((gate.schema?.properties ?? {}) as object);
  const required = (gate.schema?.required ?? fields) as string[];
  const closed = closedFields(gate);
  const record = parseRecord(answer);
  if (!record || !required.every((field) => field in record)) return null;
  return fields.flatMap((field) => (record[field] === null || closed.includes(field) ? [`${field}=${String(record[field])}`] : []));
}

function closedFields(gate: Gate): string[] {
  const properties = (gate.schema?.properties ?? {}) as Record<string, { enum?: unknown }>;
  return Object.keys(properties).filter((name) => Array.isArray(properties[name]?.enum));
}
