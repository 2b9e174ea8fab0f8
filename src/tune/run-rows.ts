/** The rows that a run was made with. */
import type { z } from 'zod';
import { METHODS } from '../protocol/methods/methods.js';
import { type AnyRow, ROW_SCHEMAS } from '../protocol/row.js';
import { readLines } from '../store/files.js';
import { runFiles } from '../store/home.js';
import { readPlan } from './read-plan.js';

/** None where the run has no such split. @throws AppError file-unreadable */
export function runRows(run: string, split: 'train' | 'dev' | 'test'): AnyRow[] {
  const kind = METHODS[readPlan(run).method].rows;
  return readLines(runFiles(run)[split], ROW_SCHEMAS[kind] as z.ZodType<AnyRow>);
}
