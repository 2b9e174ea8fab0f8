/** Whether gate, candidates, test rows and record are those that the comparison was opened with. */
import { basename } from 'node:path';
import type { Ledger } from '../../store/ledger.js';
import { identityOf } from '../candidates.js';
import { type Comparison, comparisonId, identityOfComparison } from '../comparison.js';
import { openingHash } from '../ledger-records.js';

/** @returns what was changed */
export function checkOpening(comparison: Comparison, { entries }: Ledger): string[] {
  const id = comparisonId(comparison);
  const problems: string[] = [];
  if (!basename(comparison.folder).endsWith(`-${identityOfComparison(comparison, comparison.record.reopened)}`))
    problems.push('gate, candidates or test rows are not those that the name of the folder was made from');
  for (const candidate of comparison.candidates) {
    const { name, identity } = candidate;
    if (identityOf(candidate) !== identity) problems.push(`candidate ${name} does not match its identity ${identity.slice(0, 12)}…`);
  }
  const opened = entries.find(({ record }) => record.kind === 'test-opened' && record.comparison === id)?.record;
  if (opened?.kind !== 'test-opened') problems.push('the ledger does not have its opening');
  else if (opened.opening_sha256 !== openingHash(comparison))
    problems.push('gate, candidates, test rows or comparison.json are not those that the ledger has');
  return problems;
}
