/** Everything that the gate asks for, measured: answers, speed, and what was forgotten. */
import type { Candidate } from '../protocol/candidate.js';
import { AppError } from '../protocol/errors.js';
import { answerKind } from '../protocol/metrics/metrics.js';
import { comparisonFiles } from '../store/home.js';
import type { Comparison } from './comparison.js';
import { gatherAnswers } from './evidence/gather-answers.js';
import { gatherLikelihoods } from './evidence/gather-likelihoods.js';
import { gatherPreferences } from './evidence/gather-preferences.js';
import { gatherReferences } from './evidence/gather-references.js';
import { gatherTimings } from './evidence/gather-timings.js';
import type { Measuring, ServedCandidate } from './evidence/measuring.js';
import { openRecorder } from './evidence/recorder.js';

export type MeasureStage = 'speed' | 'answers' | 'references' | 'preferences' | 'forgetting';

export interface MeasureRequest extends Pick<Measuring, 'concurrency' | 'shouldStop'> {
  /** What is served, by the candidates' `model_ref`. */
  served: ReadonlyMap<string, ServedCandidate>;
  onProgress: (stage: MeasureStage, done: number, total: number) => void;
}

/** @throws MeasuringStopped, AppError model-not-found for a candidate that is not served, endpoint-failed */
export async function measureComparison(comparison: Comparison, request: MeasureRequest): Promise<void> {
  const { gate, gate_sha256, candidates, test } = comparison;
  const recorder = openRecorder({ file: comparisonFiles(comparison.folder).evidence, gate_sha256, channel: 'measured' });
  const servedOf = ({ model_ref }: Candidate): ServedCandidate => {
    const served = request.served.get(model_ref);
    if (!served) throw new AppError('model-not-found', { model: model_ref, known: [...request.served.keys()].join(', ') });
    return served;
  };
  const measuring = (stage: MeasureStage): Measuring => ({
    gate,
    rows: test,
    servedOf,
    recorder,
    concurrency: request.concurrency,
    shouldStop: request.shouldStop,
    onProgress: (done, total) => request.onProgress(stage, done, total),
  });
  const judged = candidates.filter(({ name }) => name === gate.challenger || gate.baselines.includes(name));
  const models = judged.filter((candidate) => candidate.constant === undefined);
  // Before the answers, since what it asks need not be asked again.
  await gatherTimings(models, measuring('speed'));
  await gatherAnswers(judged, measuring('answers'));
  if (answerKind(gate.metric) === 'text') await gatherReferences(models, measuring('references'));
  if (answerKind(gate.metric) === 'pair') await gatherPreferences(models, measuring('preferences'));
  const challenger = judged.find(({ name }) => name === gate.challenger);
  if (gate.guardrails.forgetting_nats !== undefined && challenger) await gatherLikelihoods(challenger, measuring('forgetting'));
}
