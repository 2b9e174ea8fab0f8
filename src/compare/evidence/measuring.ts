/** What each measurement works with. */
import type { Candidate } from '../../protocol/candidate.js';
import type { Endpoint, ServedModel } from '../../protocol/endpoint.js';
import type { Gate } from '../../protocol/gate.js';
import type { ComparedRow } from '../../protocol/row.js';
import { sha256Value } from '../../store/hash.js';
import type { Recorder } from './recorder.js';

/** The endpoint of a candidate's model, what the endpoint reports of it, and its base, if that is served too. */
export interface ServedCandidate {
  endpoint: Endpoint;
  model: ServedModel;
  base: ServedModel | null;
}

export interface Measuring {
  gate: Gate;
  rows: ComparedRow[];
  servedOf: (candidate: Candidate) => ServedCandidate;
  recorder: Recorder;
  /** Answers at a time; speed is always measured alone. */
  concurrency: number;
  /** Asked between two requests. */
  shouldStop: () => boolean;
  onProgress: (done: number, total: number) => void;
}

/** Thrown between two requests when a stop was requested; what was measured is kept. */
export class MeasuringStopped extends Error {}

/** @throws MeasuringStopped */
export function goOn({ shouldStop }: Measuring): void {
  if (shouldStop()) throw new MeasuringStopped();
}

export function exampleId({ messages, rejected }: ComparedRow): string {
  return sha256Value(rejected ? [messages, rejected] : messages).slice(0, 32);
}
