/** The metrics by name. Another one is one file, one name and one case here. */
import { z } from 'zod';
import { ACCURACY } from './accuracy.js';
import { CONTAINS } from './contains.js';
import { EXACT_FIELDS } from './exact-fields.js';
import { EXACT_MATCH } from './exact-match.js';
import { FUNCTION } from './function.js';
import type { AnswerKind, MetricModule } from './metric.js';
import { NORMALIZED_MATCH } from './normalized-match.js';
import { NUMERIC } from './numeric.js';
import { PREFERENCE_ACCURACY } from './preference-accuracy.js';
import { REFERENCE_LOGPROB } from './reference-logprob.js';
import { REGEX } from './regex.js';
import { REWARD_ACCURACY } from './reward-accuracy.js';
import { REWARD_WIN_RATE } from './reward-win-rate.js';
import { ROUGE_L } from './rouge-l.js';
import { TOKEN_F1 } from './token-f1.js';
import { VALID_JSON } from './valid-json.js';

export const Metric = z.enum([
  'exact_match',
  'exact_fields',
  'valid_json',
  'accuracy',
  'normalized_match',
  'contains',
  'regex',
  'numeric',
  'token_f1',
  'rouge_l',
  'function',
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
    case 'normalized_match':
      return NORMALIZED_MATCH;
    case 'contains':
      return CONTAINS;
    case 'regex':
      return REGEX;
    case 'numeric':
      return NUMERIC;
    case 'token_f1':
      return TOKEN_F1;
    case 'rouge_l':
      return ROUGE_L;
    case 'function':
      return FUNCTION;
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
  return metric === 'function' || metricModule(metric).score !== null;
}

/** Whether what a page shows of a row is right or wrong: an answer, or the order of two scores. */
export function isRightOrWrong(metric: Metric): boolean {
  const { score, is_count, answer_kind } = metricModule(metric);
  return answer_kind === 'score' || (score !== null && (is_count || answer_kind === 'record'));
}

/** The metrics that are measured together: the gate's own, then the others of its kind of answer. */
export function metricsOfKind(metric: Metric): Metric[] {
  const isBeside = (other: Metric) => other !== metric && answerKind(other) === answerKind(metric) && !metricModule(other).is_asked_for;
  return [metric, ...Metric.options.filter(isBeside)];
}

/** Scores of an answer, by metric; only those that the gate's kind of answer has. */
export const AnswerScores = z.strictObject(
  Object.fromEntries(
    Metric.options.filter((metric) => metricModule(metric).score !== null).map((metric) => [metric, z.number().optional()]),
  ) as Record<
    Exclude<Metric, 'function' | 'reference_logprob' | 'preference_accuracy' | 'reward_win_rate' | 'reward_accuracy'>,
    z.ZodOptional<z.ZodNumber>
  >,
);
export type AnswerScores = z.infer<typeof AnswerScores>;
