/** Which runs stand in which comparisons, and how each run's own was judged. */
import { ComparisonRecord } from '../protocol/comparison.js';
import { AppError } from '../protocol/errors.js';
import type { Decision } from '../protocol/verdict.js';
import { readJsonIfKnown } from '../store/files.js';
import { comparisonFiles, comparisonFolder } from '../store/home.js';
import { readLedger, recordsOf } from '../store/ledger.js';
import { listComparisonIds } from './comparison.js';

interface RunVerdict {
  comparison: string;
  decision: Decision;
}

/** Ids of the comparisons that hold answers of a run, or rows that were set aside for it. */
export function comparisonsOf(home: string, run: string): string[] {
  return runsByComparison(home).flatMap(({ id, runs }) => (runs.includes(run) ? [id] : []));
}

/** By the ids of runs: the last word on each where it was the one challenger, as the ledger has it. */
export function verdictsOfRuns(home: string): Map<string, RunVerdict> {
  const own = new Map(
    runsByComparison(home).flatMap(({ id, runs, challengers }) => (challengers.length === 1 ? [[id, runs] as const] : [])),
  );
  return new Map(
    verdictRecords(home).flatMap(({ comparison, decision }) =>
      (own.get(comparison) ?? []).map((run) => [run, { comparison, decision }] as const),
    ),
  );
}

/** A ledger that was changed has no word: `verify` names what is wrong. */
function verdictRecords(home: string) {
  try {
    return recordsOf(readLedger(home), 'verdict');
  } catch (error) {
    if (error instanceof AppError) return [];
    throw error;
  }
}

function runsByComparison(home: string): { id: string; runs: string[]; challengers: string[] }[] {
  return listComparisonIds(home).flatMap((id) => {
    const record = readJsonIfKnown(comparisonFiles(comparisonFolder(home, id)).record, ComparisonRecord);
    return record ? [{ id, runs: record.local.flatMap(({ runs }) => runs), challengers: record.challengers }] : [];
  });
}
