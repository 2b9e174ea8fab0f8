/**
 * Measures a comparison to its end: serves, asks, reviews, judges. A program of its own.
 * Run by the supervisor: node measure-program.js <attempt folder>
 */
import { existsSync } from 'node:fs';
import { readComparison } from '../../compare/comparison.js';
import { MeasuringStopped } from '../../compare/evidence/measuring.js';
import { recordEvidence, recordOpening } from '../../compare/ledger-records.js';
import { measureComparison } from '../../compare/measure.js';
import { reviewComparison } from '../../compare/review.js';
import { asAppError } from '../../protocol/errors.js';
import { appendLine } from '../../store/files.js';
import { attemptFiles, homeOf, jobOf } from '../../store/home.js';
import { verdictsOf } from './measure.js';
import { serveComparison } from './served.js';

const attempt = process.argv[2] as string;
const files = attemptFiles(attempt);
let seq = 0;
let isTerminated = false;

process.on('SIGTERM', () => {
  isTerminated = true;
});
// The supervisor holds the other end. Without it this would continue unnoticed, and a second attempt could start.
process.stdin.resume().once('end', () => process.exit(1));

try {
  const isStopped = await measure(jobOf(attempt));
  append({ type: 'run-end', reason: isStopped ? 'stopped' : 'done' });
  process.exit(0);
} catch (thrown) {
  const error = asAppError(thrown);
  append({ type: 'run-error', code: error.code, data: error.data });
  console.error(error);
  process.exit(1);
}

/** @returns whether a stop was requested; what was measured until then is kept */
async function measure(folder: string): Promise<boolean> {
  const comparison = readComparison(folder);
  recordOpening(comparison);
  phase('starting the engines');
  const { served, concurrency, close } = await serveComparison(homeOf(folder), comparison.record, phase);
  try {
    await measureComparison(comparison, {
      served,
      concurrency,
      shouldStop: () => isTerminated || existsSync(files.stop),
      onProgress: (stage, done, total) => phase(`${stage} ${done} of ${total}`, done / total),
    });
  } catch (error) {
    if (error instanceof MeasuringStopped) return true;
    throw error;
  } finally {
    await close();
  }
  recordEvidence(comparison);
  phase('asking the reviewers');
  reviewComparison(comparison);
  verdictsOf(comparison);
  return false;
}

function phase(name: string, share?: number): void {
  append({ type: 'phase', name, ...(share === undefined ? {} : { share: Math.min(1, Math.max(0, share)) }) });
}

function append(event: object): void {
  appendLine(files.events, { ...event, seq, at: new Date().toISOString() });
  seq++;
}
