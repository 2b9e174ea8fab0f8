/** What one metric is: how an answer is scored, the range and unit of its figures, and the words for it. */

/**
 * What an answer is under a metric: a JSON record, one of a few labels, text that a rule compares with the reference answer, text that no
 * rule can score, text of which is known what people prefer, or no text at all but a score of given answers.
 */
export type AnswerKind = 'record' | 'label' | 'scored-text' | 'text' | 'pair' | 'score';

/** What a gate says of the answers that are scored. */
export interface AnswerForm {
  /** Names of the record's fields. */
  fields: string[];
  /** For `regex`. */
  pattern?: string | undefined;
  /** For `numeric`. */
  tolerance?: { absolute: number; relative: number } | undefined;
}

export interface MetricModule {
  answer_kind: AnswerKind;
  /** In a sentence: 'exact records'. */
  words: string;
  /** At the head of a column. */
  heading: string;
  /** Of whoever chooses a metric, in a sentence: when an answer is right, or what its figure is. */
  meaning: string;
  /** Of a difference. */
  unit: string;
  /** Least and largest value of a row; null: it has none, so that no share of unseen groups can be bounded. */
  range: { least: number; largest: number } | null;
  /** A row is right or wrong: shown as a count with Wilson's interval. */
  is_count: boolean;
  /** Measured only where it is the gate's own metric: it needs more than the answer, or says little of other answers. */
  is_asked_for?: true;
  /** Why a lead in it never ships a candidate; null: it does. */
  never_ships: string | null;
  /** Score of an answer; null: what is measured is not the answer, but the likelihood of given ones. */
  score: ((answer: string, expected: string, form: AnswerForm) => number) | null;
  /** A difference with its unit. */
  amount: (difference: number) => string;
  /** A candidate's figure. */
  figure: (value: number) => string;
  /** Between two ticks of an axis. */
  axis_step: number;
}

/** What metrics that are shares of rows have in common. */
export const SHARE = {
  unit: 'points',
  range: { least: 0, largest: 1 },
  never_ships: null,
  amount: (difference: number) => `${(difference * 100).toFixed(1)} points`,
  figure: percent,
  axis_step: 0.25,
} as const;

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** With its sign, the minus as wide as the plus. */
export function signed(value: number, digits: number): string {
  return `${value >= 0 ? '+' : '−'}${Math.abs(value).toFixed(digits)}`;
}
