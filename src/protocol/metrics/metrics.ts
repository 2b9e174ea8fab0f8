/** The metrics by name. Another one is one file, one name and one case here. */
import { z } from 'zod';
import { ACCURACY } from './accuracy.js';
import { EXACT_FIELDS } from './exact-fields.js';
import { EXACT_MATCH } from './exact-match.js';
import type { AnswerKind, MetricModule } from './metric.js';
import { PREFERENCE_ACCURACY } from './preference-accuracy.js';
import { REFERENCE_LOGPROB } from './reference-logprob.js';
import { REWARD_ACCURACY } from './reward-accuracy.js';
import { REWARD_WIN_RATE } from './reward-win-rate.js';
import { VALID_JSON } from './valid-json.js';

export const Metric = z.enum([
  'exact_match',
  'exact_fields',
  'valid_json',
  'accuracy',
  'reference_logprob',
  'preference_accuracy',
  'reward_win_rate',
  'reward_accuracy',
]);
export type Metric = z.infer<typeof Metric>;

export function metricModule(metric: Metric): MetricModule {
  switch (metric) {
    case 'exact_match':
      return EXACT_MATCH;
    case 'exact_fields':
      return EXACT_FIELDS;
    case 'valid_json':
      return VALID_JSON;
    case 'accuracy':
      return ACCURACY;
    case 'reference_logprob':
      return REFERENCE_LOGPROB;
    case 'preference_accuracy':
      return PREFERENCE_ACCURACY;
    case 'reward_win_rate':
      return REWARD_WIN_RATE;
    case 'reward_accuracy':
      return REWARD_ACCURACY;
  }
}

export function answerKind(metric: Metric): AnswerKind {
  return metricModule(metric).answer_kind;
}

/** Whether a rule scores the answers; else people have to read them. */
export function scoresAnswers(metric: Metric): boolean {
  return metricModule(metric).score !== null;
}

/** Whether what a page shows of a row is right or wrong: an answer, or the order of two scores. */
export function isRightOrWrong(metric: Metric): boolean {
  return scoresAnswers(metric) || answerKind(metric) === 'score';
}

/** The metrics that are measured together: the gate's own, then the others of its kind of answer. */
export function metricsOfKind(metric: Metric): Metric[] {
  return [metric, ...Metric.options.filter((other) => other !== metric && answerKind(other) === answerKind(metric))];
}

/** Scores of an answer, by metric; only those that the gate's kind of answer has. */
export const AnswerScores = z.strictObject(
  Object.fromEntries(
    Metric.options.filter((metric) => metricModule(metric).score !== null).map((metric) => [metric, z.number().optional()]),
  ) as Record<
    Exclude<Metric, 'reference_logprob' | 'preference_accuracy' | 'reward_win_rate' | 'reward_accuracy'>,
    z.ZodOptional<z.ZodNumber>
  >,
);
export type AnswerScores = z.infer<typeof AnswerScores>;
