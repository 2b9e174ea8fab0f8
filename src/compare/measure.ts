/** Everything that the gate asks for, measured: answers, speed, and what was forgotten. */
import type { Candidate } from '../protocol/candidate.js';
import { AppError } from '../protocol/errors.js';
import { answerKind } from '../protocol/metrics/metrics.js';
import { comparisonFiles } from '../store/home.js';
import type { Comparison } from './comparison.js';
import { gatherAnswers } from './evidence/gather-answers.js';
import { gatherFunctionScores } from './evidence/gather-function-scores.js';
import { gatherLikelihoods } from './evidence/gather-likelihoods.js';
import { gatherPreferences } from './evidence/gather-preferences.js';
import { gatherReferences } from './evidence/gather-references.js';
import { gatherRewards } from './evidence/gather-rewards.js';
import { gatherTimings } from './evidence/gather-timings.js';
import type { Measuring, ServedCandidate } from './evidence/measuring.js';
import { openRecorder } from './evidence/recorder.js';

export type MeasureStage = 'speed' | 'answers' | 'references' | 'preferences' | 'rewards' | 'function' | 'forgetting';

export interface MeasureRequest extends Pick<Measuring, 'concurrency' | 'shouldStop'> {
  /** What is served, by the candidates' `model_ref`. */
  served: ReadonlyMap<string, ServedCandidate>;
  onProgress: (stage: MeasureStage, done: number, total: number) => void;
}

/** @throws MeasuringStopped, AppError model-not-found for a candidate that is not served, endpoint-failed */
export async function measureComparison(comparison: Comparison, request: MeasureRequest): Promise<void> {
  const { gate, gate_sha256, candidates, test, record } = comparison;
  const recorder = openRecorder({ file: comparisonFiles(comparison.folder).evidence, gate_sha256, channel: 'measured' });
  const servedBy = (model: string): ServedCandidate => {
    const served = request.served.get(model);
    if (!served) throw new AppError('model-not-found', { model, known: [...request.served.keys()].join(', ') });
    return served;
  };
  const servedOf = ({ model_ref }: Candidate) => servedBy(model_ref);
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
  const kind = answerKind(gate.metric);
  if (kind !== 'score') {
    // Before the answers, since what it asks need not be asked again.
    await gatherTimings(models, measuring('speed'));
    await gatherAnswers(judged, measuring('answers'));
  }
  if (kind === 'text') await gatherReferences(models, measuring('references'));
  if (kind === 'pair' || kind === 'score') await gatherPreferences(models, measuring('preferences'));
  const { reward_model } = record;
  if (reward_model) {
    const served = servedBy(reward_model.run);
    await gatherRewards(judged, measuring('rewards'), { served, artifact_sha256: reward_model.artifact_sha256 });
  }
  if (gate.function) await gatherFunctionScores(judged, measuring('function'), gate.function);
  const challenger = judged.find(({ name }) => name === gate.challenger);
  if (gate.guardrails.forgetting_nats !== undefined && challenger) await gatherLikelihoods(challenger, measuring('forgetting'));
}
