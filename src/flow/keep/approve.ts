/** Approving a comparison: verified first, then signed by the key of this home. */
import { type Approval, approveVerdicts } from '../../compare/approvals.js';
import { comparisonId, findComparison, readComparison } from '../../compare/comparison.js';
import { verifyComparison } from '../../compare/verify/verify-comparison.js';
import { refuseProblems } from '../../protocol/refuse-problems.js';
import { Verdict } from '../../protocol/verdict.js';
import { readLines } from '../../store/files.js';
import { comparisonFiles } from '../../store/home.js';

/** @throws AppError comparison-not-found, not-judged without a verdict, not-verified when something was changed */
export function approve(home: string, id: string, name: string): { approval: Approval; verdicts: Verdict[] } {
  const comparison = readComparison(findComparison(home, id));
  const verdicts = readLines(comparisonFiles(comparison.folder).verdicts, Verdict);
  if (verdicts.length > 0) refuseProblems(comparisonId(comparison), verifyComparison(comparison.folder).problems);
  return { approval: approveVerdicts(comparison, verdicts, name), verdicts };
}
