/** Opening a comparison: what answers is known by its bytes, candidates are resolved, and gate and rows are fixed before any evidence. */
import { basename } from 'node:path';
import { resolveCandidates } from '../../compare/candidates.js';
import { type Comparison, type ComparisonRequest, openComparison } from '../../compare/comparison.js';
import { AppError } from '../../protocol/errors.js';
import { answerKind } from '../../protocol/metrics/metrics.js';
import type { Row } from '../../protocol/row.js';
import { isRewardModel } from '../../run/weights/build-adapter.js';
import { findRunIfAny } from '../../store/runs.js';
import type { Reporter } from '../reporter.js';
import { withRewardModel } from './named-reward-model.js';
import { candidateModels } from './served.js';

export interface OpenRequest extends Omit<ComparisonRequest, 'candidates'> {
  /** Rows that examples in a prompt are taken from. */
  train: Row[];
  /** What the gate's names of models stand for, by reference. */
  names: Record<string, string>;
}

/** @throws AppError candidates-identical, model-not-found for a name of the gate, and those of building and of endpoints */
export async function openForMeasuring(home: string, request: OpenRequest, reporter: Reporter): Promise<Comparison> {
  const { names, train, ...asked } = request;
  const { gate } = asked.gate;
  const rest = { ...asked, ...(await withRewardModel(home, gate.reward_model, asked)) };
  const hasAdapters = rest.local.some(({ runs }) => runs.length > 0);
  reporter.stage('candidates', hasAdapters ? 'the adapter for llama.cpp, and its parity with what was trained' : 'what answers');
  const models = await candidateModels(home, rest, reporter.progress);
  const modelOf = (name: string) => {
    const model = models.get(names[name] ?? name);
    if (!model) throw new AppError('model-not-found', { model: names[name] ?? name, known: [...models.keys()].join(', ') });
    const run = findRunIfAny(home, model.model_ref);
    if (run && isRewardModel(run) && answerKind(gate.metric) !== 'score') throw new AppError('artifact-scores', { run: basename(run) });
    return model;
  };
  const candidates = resolveCandidates(gate, modelOf, train);
  reporter.done(hasAdapters ? 'parity gate passed' : [...models.keys()].join(', '));
  return openComparison(home, { ...rest, candidates });
}
