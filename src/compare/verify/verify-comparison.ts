/** Recomputing a comparison from its files, and comparing them with the ledger. */
import { existsSync } from 'node:fs';
import { AppError, counted } from '../../protocol/errors.js';
import { comparisonFiles, homeOf } from '../../store/home.js';
import { type Ledger, readLedger } from '../../store/ledger.js';
import { type Comparison, comparisonId, measuredEvidence, readComparison } from '../comparison.js';
import { closedEvidence } from '../ledger-records.js';
import { checkApprovals } from './check-approvals.js';
import { checkEvidence } from './check-evidence.js';
import { checkOpening } from './check-opening.js';
import { checkReviews, checkVerdicts } from './check-verdicts.js';

export interface Checked {
  /** In words. */
  checked: string[];
  /** Empty: all is as it was recorded. */
  problems: string[];
}

/** What would make a verdict on these files wrong; checked before each. */
export function problemsBeforeVerdict(comparison: Comparison, ledger: Ledger): string[] {
  return [...checkOpening(comparison, ledger), ...checkEvidence(comparison, measuredEvidence(comparison), ledger)];
}

/** @throws AppError not-judged before the end of its measuring, comparison-format, file-unreadable, evidence-duplicate, ledger-broken */
export function verifyComparison(folder: string): Checked {
  const comparison = readComparison(folder);
  const ledger = readLedger(homeOf(folder));
  const id = comparisonId(comparison);
  if (!existsSync(comparisonFiles(folder).verdicts) && !closedEvidence(ledger, id)) throw new AppError('not-judged', { comparison: id });
  const evidence = measuredEvidence(comparison);
  const { verdicts, problems } = checkVerdicts(comparison, evidence, ledger);
  const reviews = verdicts.length > 0 ? checkReviews(comparison, evidence) : { num_reviews: 0, problems: [] };
  const approvals = checkApprovals(comparison, verdicts, ledger);
  const numAnswers = evidence.filter(({ kind }) => kind === 'answer').length;
  return {
    checked: [
      `gate ${comparison.gate_sha256.slice(0, 12)}…, ${comparison.test.length} test rows and ${comparison.candidates.length} candidates as they were opened`,
      `${evidence.length} lines of evidence: ${numAnswers} answers scored, every mean and timing from its raw values`,
      `every figure of ${counted(verdicts.length, 'verdict')}, each in the ledger as the attempt that it is`,
      `${reviews.num_reviews} reviews`,
      ...approvals.checked,
      `the chain of ${ledger.entries.length} lines of the ledger, head ${ledger.head.slice(0, 16)}…`,
    ],
    problems: [...problemsBeforeVerdict(comparison, ledger), ...problems, ...reviews.problems, ...approvals.problems],
  };
}
