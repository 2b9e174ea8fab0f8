/** A comparison as a job: started, followed, judged. Existing evidence is kept; what is missing is measured. */
import { basename } from 'node:path';
import { type Comparison, comparisonId, readComparison } from '../../compare/comparison.js';
import { judgeComparison } from '../../compare/judge-comparison.js';
import { AppError } from '../../protocol/errors.js';
import type { Event } from '../../protocol/event.js';
import type { Verdict } from '../../protocol/verdict.js';
import { programFile } from '../../store/package.js';
import { type Ending, followAttempt } from '../../tune/follow.js';
import { lastBegun, openAttempt, readStatus } from '../../tune/launch/attempts.js';
import { targetOf } from '../../tune/launch/targets.js';
import type { Reporter } from '../reporter.js';

/** Starts measuring unless it is done or running. @returns whether everything was measured before */
export async function startMeasuring({ folder }: Comparison): Promise<{ is_done: boolean }> {
  const status = readStatus(folder);
  if (status === 'done') return { is_done: true };
  await startAttempt(folder);
  return { is_done: false };
}

/** Continues a comparison that was stopped, failed or lost. @throws AppError run-not-resumable for one that is done */
export async function resumeMeasuring(folder: string): Promise<void> {
  readComparison(folder);
  const status = readStatus(folder);
  const id = basename(folder);
  if (status === 'done') {
    throw new AppError('run-not-resumable', { run: id, status, suggestion: `Run \`slipway verify ${id}\` to recompute it.` });
  }
  await startAttempt(folder);
}

async function startAttempt(folder: string): Promise<void> {
  const { attempt, is_new } = openAttempt(folder, () => undefined);
  if (!is_new) return;
  await targetOf(attempt).start(attempt, [process.execPath, programFile('flow/compare/measure-program'), attempt]);
}

/** Reports what the last attempt measures, to its end. */
export async function followMeasuring(comparison: Comparison, reporter: Reporter): Promise<Ending> {
  const { candidates, test, gate_sha256, folder } = comparison;
  const id = comparisonId(comparison);
  reporter.stage('measure', `${id}: ${candidates.length} candidates on ${test.length} rows, gate ${gate_sha256.slice(0, 12)}…`);
  const ending = await followAttempt(lastBegun(folder) as string, (event) => reportPhase(event, reporter));
  if (ending.reason === 'done') reporter.done(`evidence in ${folder}`);
  return ending;
}

function reportPhase(event: Event, reporter: Reporter): void {
  if (event.type === 'phase') reporter.progress(event.name, event.share);
}

/** The verdict for each challenger, from the evidence there is. @throws AppError not-verified, evidence-duplicate */
export function verdictsOf(comparison: Comparison): Verdict[] {
  return comparison.record.challengers.map((challenger) => judgeComparison(comparison, challenger));
}
