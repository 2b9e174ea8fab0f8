/** Appending evidence: each line once, with its gate, its candidate and what answered. */
import type { Candidate } from '../../protocol/candidate.js';
import type { ServedModel } from '../../protocol/endpoint.js';
import { Evidence } from '../../protocol/evidence.js';
import { appendLine, readLines } from '../../store/files.js';
import { sha256Text } from '../../store/hash.js';
import { packageVersion } from '../../store/package.js';

type Kind = Evidence['kind'];
/** What a measurement adds to the fields that every line has. */
type Measured<K extends Kind> = Omit<
  Extract<Evidence, { kind: K }>,
  'id' | 'at' | 'channel' | 'producer' | 'gate_sha256' | 'candidate' | 'candidate_identity' | 'facts' | 'kind'
>;

export interface Recorder {
  lines(): Evidence[];
  /** Whether this example was measured under this gate for this very candidate. */
  has(kind: Kind, candidate: Candidate, example_id: string, repeat?: number): boolean;
  /** @param model what answered; null for a candidate that is no model */
  add<K extends Kind>(kind: K, candidate: Candidate, model: ServedModel | null, measured: Measured<K>): void;
}

/** @param file the channel's file, of which this is the one writer */
export function openRecorder(file: string, gateHash: string): Recorder {
  const lines = readLines(file, Evidence);
  const idOf = (kind: Kind, identity: string, example_id: string, repeat: number) =>
    sha256Text([gateHash, kind, identity, example_id, repeat].join(' ')).slice(0, 32);
  const ids = new Set(lines.map(({ id }) => id));
  return {
    lines: () => lines,
    has: (kind, candidate, example_id, repeat = 0) => ids.has(idOf(kind, candidate.identity, example_id, repeat)),
    add(kind, candidate, model, measured) {
      const line = Evidence.parse({
        id: idOf(kind, candidate.identity, measured.example_id, measured.repeat),
        at: new Date().toISOString(),
        kind,
        channel: 'measured',
        producer: `slipway ${packageVersion()}`,
        gate_sha256: gateHash,
        candidate: candidate.name,
        candidate_identity: candidate.identity,
        facts: model?.facts ?? null,
        ...measured,
      });
      appendLine(file, line);
      lines.push(line);
      ids.add(line.id);
    },
  };
}
