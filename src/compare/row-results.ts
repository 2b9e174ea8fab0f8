/** Every test row with what each candidate made of it, and the few that a page shows first. Pure functions. */
import type { Evidence } from '../protocol/evidence.js';
import type { Gate } from '../protocol/gate.js';
import { answerKind, isRightOrWrong, metricModule } from '../protocol/metrics/metrics.js';
import { parseRecord } from '../protocol/metrics/record.js';
import type { ComparedRow } from '../protocol/row.js';
import type { CandidateAnswer, Outcome, RowResult } from '../protocol/row-result.js';
import { exampleId } from './evidence/measuring.js';
import { metricValues } from './verdict/metric-values.js';

export interface RowResultsRequest {
  gate: Gate;
  test: ComparedRow[];
  evidence: Evidence[];
  /** In the order in which they are shown. */
  candidates: string[];
  /** The one that leads the page. */
  baseline: string;
}

/** In the order of the test rows; a row that a candidate has not answered is without its answer. */
export function rowResults({ gate, test, evidence, candidates, baseline }: RowResultsRequest): RowResult[] {
  const isScorer = answerKind(gate.metric) === 'score';
  const values = new Map(candidates.map((name) => [name, valuesOf(gate, evidence, name)]));
  const lines = new Map(evidence.map((line) => [`${line.candidates[0]?.name} ${line.example_id} ${line.kind}`, line]));
  const answerOf = (candidate: string, example_id: string): CandidateAnswer[] => {
    const lineOf = (kind: Evidence['kind']) => lines.get(`${candidate} ${example_id} ${kind}`);
    const answered = isScorer ? (lineOf('scored-pair') ?? lineOf('preference')) : lineOf('answer');
    const answer = answered && answerText(answered);
    if (answered === undefined || answer == null) return [];
    const value = values.get(candidate)?.get(example_id) ?? null;
    const reward = lineOf('reward');
    return [
      {
        candidate,
        answer,
        ...(reward ? { note: rewardText(reward) } : {}),
        value,
        right: value !== null && isCounted(gate) ? value === 1 : null,
        invalid: invalidity(gate, answered),
      },
    ];
  };
  const isGrouped = new Set(test.map(({ group }) => group)).size < test.length;
  return test.map((row, index) => {
    const example_id = exampleId(row);
    const of = (name: string) => values.get(name)?.get(example_id);
    return {
      example_id,
      row: index + 1,
      group: isGrouped ? (row.group ?? null) : null,
      outcome: outcomeOf(gate, of(gate.challenger), of(baseline)),
      question: row.messages.findLast(({ role }) => role === 'user')?.content ?? '',
      reference: row.messages.at(-1)?.content ?? '',
      ...(row.rejected ? { worse: row.rejected.at(-1)?.content ?? '' } : {}),
      answers: candidates.flatMap((name) => answerOf(name, example_id)),
    };
  });
}

function valuesOf(gate: Gate, evidence: Evidence[], candidate: string): Map<string, number> {
  return new Map(metricValues(gate.metric, evidence, candidate).map(({ example_id, value }) => [example_id, value]));
}

/** Whether a row is right or wrong under the gate's metric, and not more or less. */
export function isCounted({ metric }: Gate): boolean {
  return metricModule(metric).is_count && isRightOrWrong(metric);
}

/** Of what never ships a candidate, nothing is called better. */
function outcomeOf(gate: Gate, mine: number | undefined, theirs: number | undefined): Outcome {
  if (metricModule(gate.metric).never_ships !== null || mine === undefined || theirs === undefined) return 'unscored';
  if (mine !== theirs) return mine > theirs ? 'challenger-ahead' : 'baseline-ahead';
  if (!isCounted(gate)) return 'equal';
  return mine === 1 ? 'both-right' : 'both-wrong';
}

/** Why an answer is not of the form that the gate asks for. */
function invalidity(gate: Gate, line: Evidence): string | null {
  if (line.kind !== 'answer') return null;
  if (line.finish_reason === 'length') return 'cut at max_tokens';
  if (line.answer.trim() === '') return 'empty';
  switch (answerKind(gate.metric)) {
    case 'record':
      return parseRecord(line.answer) ? null : 'not a JSON object';
    case 'label': {
      const { score } = metricModule('accuracy');
      return gate.labels?.some((label) => score?.(line.answer, label, { fields: [] }) === 1) === false ? 'not a label' : null;
    }
    default:
      return null;
  }
}

/** What stands where an answer does; a model that scores given answers makes of a pair two figures. */
function answerText(line: Evidence): string | null {
  switch (line.kind) {
    case 'answer':
      return line.answer;
    case 'scored-pair':
      return `scored ${figure(line.chosen_reward)}, the worse ${figure(line.rejected_reward)}`;
    case 'preference':
      return `${figure(line.chosen_logprob)} nats a token, the worse ${figure(line.rejected_logprob)}`;
    default:
      return null;
  }
}

function rewardText(line: Evidence): string {
  return line.kind === 'reward' ? `reward ${figure(line.reward)}, of the reference ${figure(line.reference_reward)}` : '';
}

const figure = (value: number) => value.toFixed(2).replace('-', '−');

const PER_OUTCOME = 2;
const OF_TEXT = 5;

export const EXAMPLE_RULE = `Up to ${PER_OUTCOME} rows of each kind. Within a kind, the rows with the lowest hashes: nobody chose them.`;
export const TEXT_EXAMPLE_RULE = `The ${OF_TEXT} test rows with the lowest hashes: nobody chose them.`;

const SHOWN: Outcome[] = ['challenger-ahead', 'baseline-ahead', 'both-wrong', 'equal', 'both-right', 'unscored'];

/** By a fixed rule that shows failures of the challenger; rows that both have answered. */
export function pickShownExamples(rows: RowResult[], challenger: string, baseline: string): RowResult[] {
  const isAnswered = ({ answers }: RowResult) =>
    [challenger, baseline].every((name) => answers.some(({ candidate }) => candidate === name));
  const byHash = rows.filter(isAnswered).sort((a, b) => (a.example_id < b.example_id ? -1 : 1));
  return SHOWN.flatMap((outcome) =>
    byHash.filter((row) => row.outcome === outcome).slice(0, outcome === 'unscored' ? OF_TEXT : PER_OUTCOME),
  );
}
