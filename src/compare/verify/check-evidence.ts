/** Whether the evidence is whole, and whether each line's figures follow from its raw values. */
import { counted } from '../../protocol/errors.js';
import { type Evidence, isOf, type RewardEvidence } from '../../protocol/evidence.js';
import type { AnswerKind } from '../../protocol/metrics/metric.js';
import { answerKind } from '../../protocol/metrics/metrics.js';
import type { ComparedRow, Row } from '../../protocol/row.js';
import { sha256Text, sha256Value } from '../../store/hash.js';
import type { Ledger } from '../../store/ledger.js';
import { type Comparison, comparisonId, judgedCandidates } from '../comparison.js';
import { meanLogprob, preferenceFigures, timingFigures } from '../evidence/figures.js';
import { unrewardedId } from '../evidence/gather-rewards.js';
import { exampleId } from '../evidence/measuring.js';
import { scoreAnswer } from '../evidence/score-answer.js';
import { closedEvidence } from '../ledger-records.js';

/** @returns what is missing or was changed */
export function checkEvidence(comparison: Comparison, evidence: Evidence[], ledger: Ledger): string[] {
  const rows = new Map(comparison.test.map((row) => [exampleId(row), row]));
  const problems = evidence.flatMap((line) =>
    lineProblems(comparison, rows, line).map((problem) => `evidence ${line.id.slice(0, 12)}… ${problem}`),
  );
  const closed = closedEvidence(ledger, comparisonId(comparison));
  if (!closed) return [...problems, 'the ledger does not have the end of its measuring'];
  if (closed.evidence_sha256 !== sha256Value(evidence))
    problems.push(`the ${evidence.length} lines of evidence are not the ${closed.num_lines} that the ledger has`);
  return [...problems, ...missingLines(comparison, rows, evidence)];
}

/** The others are of questions beside the rows, of what is missing, or of no row. */
const OF_ROWS: Evidence['kind'][] = ['answer', 'timing', 'reference', 'preference', 'scored-pair', 'reward', 'function-score'];

function lineProblems({ gate, gate_sha256, candidates }: Comparison, rows: Map<string, Row>, line: Evidence): string[] {
  const problems: string[] = [];
  if (line.gate_sha256 !== gate_sha256) problems.push('was gathered under another gate');
  for (const { name, identity } of line.candidates) {
    if (!candidates.some((candidate) => candidate.name === name && candidate.identity === identity))
      problems.push(`is of another candidate than ${name}`);
  }
  const row = rows.get(line.example_id);
  if (OF_ROWS.includes(line.kind)) {
    if (!row) return [...problems, 'is of a row that is not in test.jsonl'];
    if (line.group !== row.group) problems.push('has another group than its row');
  }
  if (!hasItsFigures(line, (answer) => scoreAnswer(gate, answer, row?.messages.at(-1)?.content ?? '')))
    problems.push(`has other figures than its ${line.kind === 'answer' ? 'answer' : 'raw values'} give`);
  return problems;
}

function hasItsFigures(line: Evidence, score: (answer: string) => object): boolean {
  switch (line.kind) {
    case 'answer':
      return sha256Value(score(line.answer)) === sha256Value(line.scores);
    case 'timing': {
      const { time_to_first_token_ms, decode_ms } = timingFigures(line);
      return line.time_to_first_token_ms === time_to_first_token_ms && line.decode_ms === decode_ms;
    }
    case 'likelihood':
      return line.logprob === meanLogprob(line.token_logprobs) && line.base_logprob === meanLogprob(line.base_token_logprobs);
    case 'reference':
      return line.logprob === meanLogprob(line.token_logprobs);
    case 'preference': {
      const { chosen_logprob, rejected_logprob } = preferenceFigures(line);
      return line.chosen_logprob === chosen_logprob && line.rejected_logprob === rejected_logprob;
    }
    default:
      return true;
  }
}

interface Given {
  kinds: Evidence['kind'][];
  words: string;
  isWanted: (row: ComparedRow) => boolean;
}

/** What is scored beside the answers, where no rule scores these. */
const GIVEN_ANSWERS: Partial<Record<AnswerKind, Given>> = {
  text: { kinds: ['reference'], words: 'reference answers', isWanted: () => true },
  pair: { kinds: ['preference'], words: 'pairs', isWanted: ({ rejected }) => rejected !== undefined },
  score: { kinds: ['preference', 'scored-pair'], words: 'pairs', isWanted: () => true },
};

/** Every test row measured once of every candidate; lines that are there twice are refused when they are read. */
function missingLines(comparison: Comparison, rows: Map<string, ComparedRow>, evidence: Evidence[]): string[] {
  const kind = answerKind(comparison.gate.metric);
  const given = GIVEN_ANSWERS[kind];
  return judgedCandidates(comparison).flatMap(({ name, constant }) => {
    const mine = evidence.filter((line) => isOf(line, name));
    const isScored = given !== undefined && constant === undefined && !mine.some(isWhole);
    return [
      ...(kind === 'score' ? [] : answerProblems(name, rows, mine)),
      ...(isScored ? unscored(given, name, rows, mine) : []),
      ...(comparison.gate.function ? functionProblems(name, mine) : []),
      ...(comparison.record.reward_model ? rewardProblems(comparison.record.reward_model.artifact_sha256, name, mine) : []),
    ];
  });
}

function answerProblems(name: string, rows: Map<string, ComparedRow>, mine: Evidence[]): string[] {
  const answered = mine.filter((line) => line.kind === 'answer').map(({ example_id }) => example_id);
  const missing = without(rows, answered);
  return [
    ...(missing > 0 ? [`${missing} of ${rows.size} test rows have no answer of ${name}`] : []),
    ...(answered.length > new Set(answered).size ? [`a test row has two answers of ${name}`] : []),
  ];
}

function unscored({ kinds, words, isWanted }: Given, name: string, rows: Map<string, ComparedRow>, mine: Evidence[]): string[] {
  const wanted = new Map([...rows].filter(([, row]) => isWanted(row)));
  const scored = mine.filter((line) => kinds.includes(line.kind) || line.kind === 'not-measured').map(({ example_id }) => example_id);
  const missing = without(wanted, scored);
  return missing > 0 ? [`${missing} of ${wanted.size} ${words} were not scored for ${name}`] : [];
}

/** Each answer has the reward of that answer, by that reward model. */
function rewardProblems(artifact_sha256: string, name: string, mine: Evidence[]): string[] {
  const rewards = new Map(mine.flatMap((line): [string, RewardEvidence][] => (line.kind === 'reward' ? [[line.example_id, line]] : [])));
  const failed = new Set(mine.flatMap((line) => (line.kind === 'not-measured' ? [line.example_id] : [])));
  const wrong = mine.filter((line) => {
    if (line.kind !== 'answer' || failed.has(unrewardedId(line.example_id))) return false;
    const found = rewards.get(line.example_id);
    return found?.answer_sha256 !== sha256Text(line.answer) || found.reward_model_sha256 !== artifact_sha256;
  });
  return wrong.length > 0 ? [`${counted(wrong.length, 'answer')} of ${name} have no reward of the gate's reward model`] : [];
}

/** Each answer has the score of that answer. What the function gives is not asked again: a comparison may come from someone else. */
function functionProblems(name: string, mine: Evidence[]): string[] {
  const scored = new Map(mine.flatMap((line) => (line.kind === 'function-score' ? [[line.example_id, line.answer_sha256] as const] : [])));
  const wrong = mine.filter((line) => line.kind === 'answer' && scored.get(line.example_id) !== sha256Text(line.answer));
  return wrong.length > 0 ? [`${counted(wrong.length, 'answer')} of ${name} have no score of the gate's function`] : [];
}

function without(rows: Map<string, ComparedRow>, found: string[]): number {
  const ids = new Set(found);
  return [...rows.keys()].filter((id) => !ids.has(id)).length;
}

/** The endpoint cannot score, so that no row has a line of its own. */
const isWhole = (line: Evidence) => line.kind === 'not-measured' && ['references', 'preferences'].includes(line.example_id);
