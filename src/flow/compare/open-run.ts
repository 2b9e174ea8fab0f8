/** A run's own comparison: its base, prompted in several ways, against its adapter, under the recipe's gate, on the rows set aside for it. */
import { basename } from 'node:path';
import type { Comparison } from '../../compare/comparison.js';
import type { LoadedGate } from '../../compare/read-gate.js';
import { AppError } from '../../protocol/errors.js';
import { Row } from '../../protocol/row.js';
import { RunRecord } from '../../protocol/run.js';
import { readJson, readLines } from '../../store/files.js';
import { homeOf, runFiles } from '../../store/home.js';
import { readPlan } from '../../tune/read-plan.js';
import type { Reporter } from '../reporter.js';
import { openForMeasuring } from './open.js';

/** @throws AppError those of opening */
export async function openRunComparison(run: string, gate: LoadedGate, reporter: Reporter): Promise<Comparison> {
  const files = runFiles(run);
  const id = basename(run);
  const base = readPlan(run).models.policy.id;
  const { recipe_file } = readJson(files.record, RunRecord);
  return await openForMeasuring(
    homeOf(run),
    {
      name: basename(recipe_file).replace(/\.ya?ml$/, ''),
      gate,
      train: readLines(files.train, Row),
      test: runTestRows(run),
      names: { base, tuned: id },
      local: { model: base, runs: [id] },
      endpoints: [],
      challengers: [gate.gate.challenger],
    },
    reporter,
  );
}

/** The rows that were set aside when the run was made; the recipe and its files may have changed since. @throws AppError data-empty */
export function runTestRows(run: string): Row[] {
  const { test } = runFiles(run);
  const rows = readLines(test, Row);
  if (rows.length === 0) throw new AppError('data-empty', { file: test });
  return rows;
}
