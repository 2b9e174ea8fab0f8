/** A run or a comparison by its id. */
import { findComparison } from '../compare/comparison.js';
import { findRunIfAny } from '../store/runs.js';

export interface Job {
  kind: 'run' | 'comparison';
  folder: string;
}

/** @throws AppError comparison-not-found for an id of neither kind */
export function findJob(home: string, id: string): Job {
  const run = findRunIfAny(home, id);
  return run ? { kind: 'run', folder: run } : { kind: 'comparison', folder: findComparison(home, id) };
}
