/** The test rows with the candidates' answers side by side, and which of them a person asks for. */
import { z } from 'zod';

/** Who did better on a row: of the challenger and the strongest baseline. */
export type Outcome = 'both-right' | 'challenger-ahead' | 'baseline-ahead' | 'both-wrong' | 'equal' | 'unscored';

export interface CandidateAnswer {
  candidate: string;
  /** Of a model that scores given answers, its scores in words. */
  answer: string;
  /** What a reward model makes of it. */
  note?: string;
  /** By the gate's metric; null: not measured. */
  value: number | null;
  /** Null: it is not right or wrong, but more or less. */
  right: boolean | null;
  /** Why it is no answer of the wanted form; null: it is one. */
  invalid: string | null;
}

export interface RowResult {
  example_id: string;
  /** Among the test rows, from 1. */
  row: number;
  /** Rows of one group are not independent; null: the row is alone in it. */
  group: string | null;
  outcome: Outcome;
  question: string;
  reference: string;
  /** Of a pair; the reference is its better answer. */
  worse?: string;
  answers: CandidateAnswer[];
}

/** The outcome in words. A metric of counts has right and wrong rows, another one better and worse ones. */
export function outcomeText(outcome: Outcome, challenger: string, baseline: string, isCount: boolean): string {
  switch (outcome) {
    case 'both-right':
      return 'both right';
    case 'both-wrong':
      return 'both wrong';
    case 'challenger-ahead':
      return isCount ? `only ${challenger} right` : `${challenger} better`;
    case 'baseline-ahead':
      return isCount ? `only ${baseline} right` : `${baseline} better`;
    case 'equal':
      return 'equal';
    case 'unscored':
      return 'free text';
  }
}

export const ROW_FILTERS = ['all', 'both-right', 'challenger-ahead', 'baseline-ahead', 'both-wrong', 'equal', 'invalid', 'differ'] as const;
export const ROW_ORDERS = ['row', 'group', 'worst', 'lead'] as const;

/** What an address asks for; anything else is left out, so that an old address still opens. */
export const RowQuery = z.object({
  show: z.enum(ROW_FILTERS).catch('all'),
  group: z.string().catch(''),
  text: z.string().catch(''),
  sort: z.enum(ROW_ORDERS).catch('row'),
  page: z.coerce.number().int().min(1).catch(1),
});
export type RowQuery = z.infer<typeof RowQuery>;

/** Rows that have something in common. */
export interface Part {
  name: string;
  num_rows: number;
  /** Mean by the gate's metric, or of this field; null: no answer. In the candidates' order. */
  means: (number | null)[];
}

export interface Breakdown {
  by: 'label' | 'field' | 'group';
  parts: Part[];
}

/** How often the challenger has answered each label where each was right. */
export interface Confusion {
  labels: string[];
  /** [right label][answered label]; the last column is anything else. */
  counts: number[][];
}
