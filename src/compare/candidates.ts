/** Candidates with everything that makes their answers, each with its identity. */
import type { Candidate } from '../protocol/candidate.js';
import type { ServedModel } from '../protocol/endpoint.js';
import { AppError } from '../protocol/errors.js';
import type { Gate } from '../protocol/gate.js';
import type { Message, Row } from '../protocol/row.js';
import { sha256Value } from '../store/hash.js';

/**
 * @param served which model each of the gate's model names stands for
 * @param train rows that examples are taken from
 * @throws AppError candidates-identical
 */
export function resolveCandidates(gate: Gate, served: (name: string) => ServedModel, train: Row[]): Candidate[] {
  const candidates = Object.entries(gate.candidates).map(([name, recipe]): Candidate => {
    const model = served(recipe.model);
    const schema = recipe.decoding.json_schema ? (gate.schema ?? null) : null;
    const answering = {
      model: model.id,
      model_sha256: model.sha256 ?? model.id,
      adapter_sha256: model.adapter_sha256 ?? null,
      system: recipe.system ?? null,
      examples: pickExamples(train, recipe.num_examples, gate),
      decoding: recipe.decoding,
      schema,
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
  const fields = Object.keys((gate.schema?.properties ?? {}) as object);
  const closed = closedFields(gate);
  const usable = train.flatMap((row) => {
    const answer = parseRecord(row.messages.at(-1)?.content ?? '');
    if (!answer || !fields.every((field) => field in answer)) return [];
    const features = fields.flatMap((field) =>
      answer[field] === null || closed.includes(field) ? [`${field}=${String(answer[field])}`] : [],
    );
    return [{ row, features, length: JSON.stringify(row.messages).length }];
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

function closedFields(gate: Gate): string[] {
  const properties = (gate.schema?.properties ?? {}) as Record<string, { enum?: unknown }>;
  return Object.keys(properties).filter((name) => Array.isArray(properties[name]?.enum));
}

function parseRecord(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
