/** Refuses test rows that the candidates' runs, or the runs that these continue, were trained or chosen on. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { type NamedRows, refuseNearDuplicates, refuseOverlap } from '../../data/overlap.js';
import { counted } from '../../protocol/errors.js';
import type { Row } from '../../protocol/row.js';
import { homeOf, runFiles, runFolder } from '../../store/home.js';
import { readPlan } from '../../tune/read-plan.js';
import { runRows } from '../../tune/run-rows.js';

/**
 * @param runs folders of the runs whose adapters answer
 * @returns what every verdict has to show: near-duplicates that were allowed, and what could not be checked
 * @throws AppError data-split-overlap, near-duplicates unless they are allowed
 */
export function refuseTrainedRows(runs: string[], test: Row[], isNearAllowed: boolean): string[] {
  const set: NamedRows = { name: 'test', rows: test };
  const { rows, erased } = trainedRows(runs);
  for (const other of rows) refuseOverlap(set, other);
  const near = new Set(rows.flatMap((other) => refuseNearDuplicates(set, other, isNearAllowed).map((pair) => pair.split(' is ')[0])));
  return [
    ...(near.size > 0
      ? [`${counted(near.size, 'near-duplicate')} of trained rows among the test rows: other case, digits, spacing or punctuation alone`]
      : []),
    ...erased.map((run) => `run ${run} was erased: that no test row was among its rows is not checked`),
  ];
}

function trainedRows(runs: string[]): { rows: NamedRows[]; erased: string[] } {
  const rows: NamedRows[] = [];
  const erased: string[] = [];
  const seen = new Set<string>();
  const queue = [...runs];
  for (let run = queue.shift(); run !== undefined; run = queue.shift()) {
    const id = basename(run);
    if (seen.has(id)) continue;
    seen.add(id);
    const files = runFiles(run);
    if (!existsSync(files.record)) {
      erased.push(id);
      continue;
    }
    for (const name of ['train', 'dev'] as const) rows.push({ name: `${name} of run ${id}`, rows: runRows(run, name) });
    const parent = readPlan(run).models.policy.adapter;
    if (parent) queue.push(runFolder(homeOf(run), parent.run));
  }
  return { rows, erased };
}
