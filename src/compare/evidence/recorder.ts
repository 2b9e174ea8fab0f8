/** Appending evidence: each line once, with its gate, its candidates and what answered. */
import type { Candidate } from '../../protocol/candidate.js';
import type { ServedModel } from '../../protocol/endpoint.js';
import { Evidence } from '../../protocol/evidence.js';
import { appendLine } from '../../store/files.js';
import { sha256Text } from '../../store/hash.js';
import { packageVersion } from '../../store/package.js';
import { readEvidence } from './read-evidence.js';

type Kind = Evidence['kind'];
/** What a measurement adds to the fields that every line has. */
type Measured<K extends Kind> = Omit<
  Extract<Evidence, { kind: K }>,
  'id' | 'at' | 'channel' | 'producer' | 'gate_sha256' | 'candidates' | 'facts' | 'kind'
>;

export interface Recorder {
  lines(): Evidence[];
  /** Whether this example was measured under this gate for this very candidate. */
  has(kind: Kind, candidate: Candidate, example_id: string, repeat?: number): boolean;
  /** @param model what answered; null for a candidate that is no model, and for reviews */
  add<K extends Kind>(kind: K, candidate: Candidate, model: ServedModel | null, measured: Measured<K>): void;
}

/** @param producer who measures; Slipway itself when it is not given. @throws AppError evidence-duplicate */
export function openRecorder(request: { file: string; gate_sha256: string; channel: Evidence['channel']; producer?: string }): Recorder {
  const { file, gate_sha256, channel, producer = `slipway ${packageVersion()}` } = request;
  const lines = readEvidence(file);
  const idOf = (kind: Kind, identity: string, example_id: string, repeat: number) =>
    sha256Text([gate_sha256, kind, identity, example_id, repeat].join(' ')).slice(0, 32);
  const ids = new Set(lines.map(({ id }) => id));
  return {
    lines: () => lines,
    has: (kind, candidate, example_id, repeat = 0) => ids.has(idOf(kind, candidate.identity, example_id, repeat)),
    add(kind, candidate, model, measured) {
      const line = Evidence.parse({
        id: idOf(kind, candidate.identity, measured.example_id, measured.repeat),
        at: new Date().toISOString(),
        kind,
        channel,
        producer,
        gate_sha256,
        candidates: [{ name: candidate.name, identity: candidate.identity }],
        facts: model?.facts ?? null,
        ...measured,
      });
      if (ids.has(line.id)) return;
      appendLine(file, line);
      lines.push(line);
      ids.add(line.id);
    },
  };
}
