/** Everything that the gate asks for, measured: answers, speed, and what was forgotten. */
import type { Endpoint, ServedModel } from '../protocol/endpoint.js';
import { answerKind } from '../protocol/gate.js';
import { comparisonFiles } from '../store/home.js';
import type { Comparison } from './comparison.js';
import { gatherAnswers, type Measuring } from './evidence/gather-answers.js';
import { gatherLikelihoods } from './evidence/gather-likelihoods.js';
import { gatherReferences } from './evidence/gather-references.js';
import { gatherTimings } from './evidence/gather-timings.js';
import { openRecorder } from './evidence/recorder.js';

export type MeasureStage = 'answers' | 'references' | 'speed' | 'forgetting';

/**
 * @param served what the endpoint of each model id serves
 * @param concurrency answers at a time; speed is always measured alone
 */
export async function measureComparison(
  comparison: Comparison,
  served: Map<string, { endpoint: Endpoint; model: ServedModel }>,
  concurrency: number,
  onProgress: (stage: MeasureStage, done: number, total: number) => void,
): Promise<void> {
  const { gate, candidates, test } = comparison;
  const entryOf = (id: string) => served.get(id) as { endpoint: Endpoint; model: ServedModel };
  const recorder = openRecorder(comparisonFiles(comparison.folder).evidence, comparison.gate_sha256);
  const measuring = (stage: MeasureStage): Measuring => ({
    endpoint: (candidate) => entryOf(candidate.model).endpoint,
    model: (candidate) => entryOf(candidate.model).model,
    recorder,
    onProgress: (done, total) => onProgress(stage, done, total),
  });
  const judged = candidates.filter(({ name }) => name === gate.challenger || gate.baselines.includes(name));
  const models = judged.filter((candidate) => candidate.constant === undefined);
  await gatherAnswers(judged, test, gate, concurrency, measuring('answers'));
  if (answerKind(gate.metric) === 'text') await gatherReferences(models, test, measuring('references'));
  await gatherTimings(models, test, measuring('speed'));
  const challenger = judged.find(({ name }) => name === gate.challenger);
  const parent = challenger && entryOf(challenger.model).model.parent;
  const base = parent ? served.get(parent)?.model : undefined;
  if (gate.guardrails.forgetting_nats === undefined || !challenger) return;
  if (base) return await gatherLikelihoods(challenger, base, measuring('forgetting'));
  if (!recorder.has('not-measured', challenger, 'forgetting')) {
    const model = entryOf(challenger.model).model;
    recorder.add('not-measured', challenger, model, {
      example_id: 'forgetting',
      group: 'forgetting',
      repeat: 0,
      what: 'forgetting',
      reason: 'its base is not served beside it',
    });
  }
}
