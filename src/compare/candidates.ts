/** Candidates with everything that makes their answers, each with its identity. */
import { type Candidate, Decoding } from '../protocol/candidate.js';
import { AppError } from '../protocol/errors.js';
import type { Gate } from '../protocol/gate.js';
import type { Message, Row } from '../protocol/row.js';
import { sha256Text, sha256Value } from '../store/hash.js';
import { pickFewShot } from './few-shot.js';

/** What answers for a candidate. */
export type CandidateModel = Pick<Candidate, 'model' | 'model_ref' | 'model_sha256' | 'adapter_sha256'>;

/**
 * @param modelOf which model each of the gate's model names stands for
 * @param train rows that examples are taken from
 * @throws AppError candidates-identical
 */
export function resolveCandidates(gate: Gate, modelOf: (name: string) => CandidateModel, train: Row[]): Candidate[] {
  const candidates = Object.entries(gate.candidates).map(([name, recipe]): Candidate => {
    if (recipe.constant !== undefined) return constantCandidate(name, recipe.constant);
    const answering = {
      ...modelOf(recipe.model ?? ''),
      system: recipe.system ?? null,
      examples: pickFewShot(train, recipe.num_examples, gate),
      decoding: recipe.decoding,
      schema: recipe.decoding.json_schema ? (gate.schema ?? null) : null,
      ...(recipe.decoding.choice && gate.labels ? { labels: gate.labels } : {}),
    };
    return { name, ...answering, identity: identityOf(answering) };
  });
  for (const [index, first] of candidates.entries()) {
    const second = candidates.slice(index + 1).find(({ identity }) => identity === first.identity);
    if (second) throw new AppError('candidates-identical', { first: first.name, second: second.name });
  }
  return candidates;
}

/** Hash of what makes the answers. Two names of one model are one identity: what answers is in the hashes. */
export function identityOf(candidate: Omit<Candidate, 'name' | 'identity'> & Partial<Pick<Candidate, 'name' | 'identity'>>): string {
  const { name: _name, identity: _identity, model: _model, model_ref: _ref, ...answering } = candidate;
  return sha256Value(answering);
}

/** The same answer to every question: what a model has to beat to have understood anything. */
function constantCandidate(name: string, constant: string): Candidate {
  const answering = {
    model: 'constant',
    model_ref: 'constant',
    model_sha256: sha256Text(constant),
    adapter_sha256: null,
    constant,
    system: null,
    examples: [],
    decoding: Decoding.parse({}),
    schema: null,
  };
  return { name, ...answering, identity: identityOf(answering) };
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
