/** What a comparison leaves in the ledger: what it opened and fixed before the first question, and what it measured. */
import { promptKey } from '../data/row-keys.js';
import { AppError } from '../protocol/errors.js';
import type { LedgerRecord } from '../protocol/ledger.js';
import { sha256Value } from '../store/hash.js';
import { homeOf } from '../store/home.js';
import { type Ledger, recordInLedger } from '../store/ledger.js';
import { contestOf } from './attempts.js';
import { asJudged, type Comparison, comparisonId, judgedCandidates, measuredEvidence } from './comparison.js';

/** Hash of everything that a comparison is opened with. */
export function openingHash({ record, gate, candidates, test }: Comparison): string {
  return sha256Value({ record, gate, candidates, test });
}

/**
 * Before the first question: which rows are opened, and by which gate they will be judged. Once.
 * @throws AppError not-verified when the comparison was opened otherwise before
 */
export function recordOpening(comparison: Comparison): void {
  const id = comparisonId(comparison);
  const opening_sha256 = openingHash(comparison);
  recordInLedger(homeOf(comparison.folder), ({ entries }) => {
    const opened = entries.find(({ record }) => record.kind === 'test-opened' && record.comparison === id)?.record;
    if (opened?.kind === 'test-opened') {
      if (opened.opening_sha256 === opening_sha256) return { records: [], result: undefined };
      const problems = '  gate, candidates, test rows or comparison.json are not those that it was opened with';
      throw new AppError('not-verified', { count: '1 problem', problems, what: id });
    }
    const { gate, gate_sha256, test, candidates, record } = comparison;
    const { metric, margin, looks } = gate;
    const contests = record.challengers.map((name) => contestOf(candidates, asJudged(gate, name)));
    const rows = [...new Set(test.map(promptKey))];
    return {
      records: [
        { kind: 'test-opened', comparison: id, opening_sha256, rows },
        { kind: 'gate-fixed', comparison: id, gate_sha256, metric, margin, looks, contests },
      ],
      result: undefined,
    };
  });
}

/** When everything is measured: what was measured of each candidate, and the hash of it all. Once. */
export function recordEvidence(comparison: Comparison): void {
  const id = comparisonId(comparison);
  const evidence = measuredEvidence(comparison);
  recordInLedger(homeOf(comparison.folder), (ledger) => {
    if (closedEvidence(ledger, id)) return { records: [], result: undefined };
    const measured = judgedCandidates(comparison).map(({ name, identity }): LedgerRecord => {
      const lines = evidence.filter(({ candidates }) => candidates.some((one) => one.name === name));
      return { kind: 'candidate-measured', comparison: id, candidate: name, identity, evidence_sha256: sha256Value(lines) };
    });
    const closed = { kind: 'evidence-closed', comparison: id, evidence_sha256: sha256Value(evidence), num_lines: evidence.length } as const;
    return { records: [...measured, closed], result: undefined };
  });
}

export function closedEvidence({ entries }: Ledger, comparison: string) {
  const closed = entries.find(({ record }) => record.kind === 'evidence-closed' && record.comparison === comparison)?.record;
  return closed?.kind === 'evidence-closed' ? closed : null;
}
