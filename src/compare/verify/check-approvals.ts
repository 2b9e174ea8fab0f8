/** Whether approvals are of the verdicts that there are, and signed by the key that they name. */
import { counted } from '../../protocol/errors.js';
import type { Verdict } from '../../protocol/verdict.js';
import { sha256Value } from '../../store/hash.js';
import type { Ledger } from '../../store/ledger.js';
import { fingerprint, isSignedBy } from '../approvals.js';
import { type Comparison, comparisonId } from '../comparison.js';

export function checkApprovals(comparison: Comparison, verdicts: Verdict[], ledger: Ledger): { checked: string[]; problems: string[] } {
  const id = comparisonId(comparison);
  const approvals = ledger.entries.flatMap(({ record, previous_sha256 }) =>
    record.kind === 'approval' && record.comparison === id ? [{ record, previous_sha256 }] : [],
  );
  const known = verdicts.map(sha256Value);
  const problems = approvals.flatMap(({ record, previous_sha256 }) => {
    const place = `the approval by ${record.name}`;
    const isOfThese = record.verdict_sha256s.every((hash) => known.includes(hash));
    return [
      ...(isOfThese ? [] : [`${place} is of another verdict`]),
      ...(record.ledger_head === previous_sha256 ? [] : [`${place} was given on another ledger`]),
      ...(isSignedBy(record) ? [] : [`${place} is not signed by key ${fingerprint(record)}`]),
    ];
  });
  return { checked: approvals.length > 0 ? [`${counted(approvals.length, 'approval')} with signature`] : [], problems };
}
