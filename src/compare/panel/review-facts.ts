/** What every reviewer is given: a candidate's figures, and how it stands against the others on the same rows. */
import type { Candidate } from '../../protocol/candidate.js';
import { type AnswerEvidence, type Evidence, isOf } from '../../protocol/evidence.js';
import type { Gate } from '../../protocol/gate.js';
import { answerKind, isRightOrWrong } from '../../protocol/metrics/metrics.js';
import type { ReviewSentence } from '../../protocol/review.js';
import type { BaselineVerdict, CandidateFigures } from '../../protocol/verdict.js';
import { judgeBaseline } from '../verdict/judge.js';
import { metricValues } from '../verdict/metric-values.js';
import { figuresOf } from '../verdict/reach-verdict.js';

export interface ReviewFacts {
  gate: Gate;
  candidate: Candidate;
  figures: CandidateFigures;
  answers: AnswerEvidence[];
  num_test_rows: number;
  not_measured: string[];
  /** It scores given answers, and writes none. */
  is_scorer: boolean;
  /** Rows that it has answered, or pairs that it has scored. */
  num_rows: number;
  /** Share of rows that are right by the gate's metric; null where no rule scores answers. */
  right_share: number | null;
  /** Against the other candidate that it is least ahead of. */
  hardest: BaselineVerdict;
  /** In the gate's currency, each candidate's cost of a thousand right answers; null without a right one or a price. */
  cost_of_right: { candidate: string; cost: number | null }[];
}

export interface PanelRequest {
  gate: Gate;
  /** All that were measured, at least two. */
  candidates: Candidate[];
  evidence: Evidence[];
  num_test_rows: number;
}

export function reviewFacts({ gate, candidates, evidence, num_test_rows }: PanelRequest, candidate: Candidate): ReviewFacts {
  const { name } = candidate;
  const figures = figuresOf(name, gate, evidence);
  const others = candidates.filter((other) => other.name !== name);
  const rule = { metric: gate.metric, margin: 0, alpha: 0.05 / gate.looks, num_baselines: others.length };
  const mine = metricValues(gate.metric, evidence, name);
  const against = others.map((other) => judgeBaseline(other.name, mine, metricValues(gate.metric, evidence, other.name), rule));
  against.sort((a, b) => a.difference.estimate - b.difference.estimate);
  return {
    gate,
    candidate,
    figures,
    answers: answersOf(evidence, name),
    num_test_rows,
    not_measured: evidence.flatMap((line) => (line.kind === 'not-measured' && isOf(line, name) ? [line.what] : [])),
    is_scorer: answerKind(gate.metric) === 'score',
    num_rows: figures.num_rows,
    right_share: rightShare(gate, evidence, name),
    hardest: against[0] as BaselineVerdict,
    cost_of_right: candidates.map((other) => ({ candidate: other.name, cost: costOfThousandRight(gate, evidence, other.name) })),
  };
}

function answersOf(evidence: Evidence[], candidate: string): AnswerEvidence[] {
  return evidence.filter((line): line is AnswerEvidence => line.kind === 'answer' && isOf(line, candidate));
}

function rightShare(gate: Gate, evidence: Evidence[], candidate: string): number | null {
  if (!isRightOrWrong(gate.metric)) return null;
  const values = metricValues(gate.metric, evidence, candidate);
  return values.length === 0 ? null : values.reduce((sum, { value }) => sum + value, 0) / values.length;
}

/** One machine at its price an hour, answering one row after another. */
function costOfThousandRight(gate: Gate, evidence: Evidence[], candidate: string): number | null {
  const answers = answersOf(evidence, candidate);
  const right = (rightShare(gate, evidence, candidate) ?? 0) * answers.length;
  const hours = answers.reduce((sum, { duration_ms }) => sum + duration_ms, 0) / 3_600_000;
  return right > 0 ? ((gate.price_per_hour * hours) / right) * 1000 : null;
}

/** A sentence whose figure stands in it where `{}` is. */
export function sentence(holds: boolean, figure: string, text: string): ReviewSentence {
  return { holds, figure, text: text.replace('{}', figure) };
}

export function median(values: number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length === 0) return null;
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
