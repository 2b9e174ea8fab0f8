/** The figure that a gate's metric gives each row a candidate has answered. Pure functions. */
import {
  type AnswerEvidence,
  type Evidence,
  type FunctionEvidence,
  isOf,
  type PreferenceEvidence,
  type ReferenceEvidence,
  type RewardEvidence,
  type ScoredPairEvidence,
} from '../../protocol/evidence.js';
import type { Metric } from '../../protocol/metrics/metrics.js';

export interface MetricValue {
  example_id: string;
  group: string;
  value: number;
}

export function metricValues(metric: Metric, evidence: Evidence[], candidate: string): MetricValue[] {
  const mine = evidence.filter((line) => isOf(line, candidate));
  switch (metric) {
    case 'reference_logprob': {
      const lines = mine.filter((line): line is ReferenceEvidence => line.kind === 'reference');
      return lines.map(({ example_id, group, logprob }) => ({ example_id, group, value: logprob }));
    }
    case 'preference_accuracy':
      return likelierPairs(mine);
    case 'reward_accuracy': {
      const lines = mine.filter((line): line is ScoredPairEvidence => line.kind === 'scored-pair');
      const scored = lines.map(({ example_id, group, chosen_reward, rejected_reward }) => ({
        example_id,
        group,
        value: chosen_reward > rejected_reward ? 1 : 0,
      }));
      return [...scored, ...likelierPairs(mine)];
    }
    case 'reward_win_rate': {
      const lines = mine.filter((line): line is RewardEvidence => line.kind === 'reward');
      return lines.map(({ example_id, group, reward, reference_reward }) => ({
        example_id,
        group,
        value: 1 / (1 + Math.exp(reference_reward - reward)),
      }));
    }
    case 'function': {
      const lines = mine.filter((line): line is FunctionEvidence => line.kind === 'function-score');
      return lines.map(({ example_id, group, value }) => ({ example_id, group, value }));
    }
    default: {
      const answers = mine.filter((line): line is AnswerEvidence => line.kind === 'answer');
      return answers.map(({ example_id, group, scores }) => ({ example_id, group, value: scores[metric] ?? 0 }));
    }
  }
}

function likelierPairs(lines: Evidence[]): MetricValue[] {
  const pairs = lines.filter((line): line is PreferenceEvidence => line.kind === 'preference');
  return pairs.map(({ example_id, group, ...pair }) => ({ example_id, group, value: prefersChosen(pair) }));
}

/** By the mean log-probability a token: sums would prefer the shorter answer. Equal ones are no preference. */
function prefersChosen({ chosen_logprob, rejected_logprob }: Pick<PreferenceEvidence, 'chosen_logprob' | 'rejected_logprob'>): number {
  return chosen_logprob > rejected_logprob ? 1 : 0;
}
