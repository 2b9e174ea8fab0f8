/** A run or a comparison by its id. */
import { findComparisonIfAny, listComparisonIds } from '../compare/comparison.js';
import { AppError } from '../protocol/errors.js';
import { refuseAmbiguous } from '../store/match-id.js';
import { findRunIfAny, runIds } from '../store/runs.js';
import { refuseErased } from '../store/tombstones.js';

export interface Job {
  kind: 'run' | 'comparison';
  folder: string;
}

/** @throws AppError job-not-found for an id of neither kind, erased, id-ambiguous */
export function findJob(home: string, id: string): Job {
  const run = findRunIfAny(home, id);
  if (run) return { kind: 'run', folder: run };
  const comparison = findComparisonIfAny(home, id);
  if (!comparison) {
    refuseErased(home, id);
    refuseAmbiguous(id, [...runIds(home), ...listComparisonIds(home)]);
    throw new AppError('job-not-found', { id });
  }
  return { kind: 'comparison', folder: comparison };
}
