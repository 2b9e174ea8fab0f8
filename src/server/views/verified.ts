/** Comparisons are verified before they are shown: once for each state of their files and of the ledger. */
import { existsSync, statSync } from 'node:fs';
import { verifyComparison } from '../../compare/verify/verify-comparison.js';
import { comparisonFiles, homeOf, ledgerFile } from '../../store/home.js';

const known = new Map<string, { stamp: string; problems: string[] }>();

/** What was changed since it was recorded. @throws AppError comparison-format, file-unreadable, evidence-duplicate, ledger-broken */
export function verifiedProblems(folder: string): string[] {
  const stamp = stampOf([...Object.values(comparisonFiles(folder)), ledgerFile(homeOf(folder))]);
  const before = known.get(folder);
  if (before?.stamp === stamp) return before.problems;
  const { problems } = verifyComparison(folder);
  known.set(folder, { stamp, problems });
  return problems;
}

/** Differs when a file was written. Whoever also sets its times back is found by `slipway verify`. */
function stampOf(files: string[]): string {
  return files
    .map((file) => {
      if (!existsSync(file)) return '-';
      const { size, mtimeMs, ctimeMs, ino } = statSync(file);
      return [size, mtimeMs, ctimeMs, ino].join(' ');
    })
    .join('\n');
}
