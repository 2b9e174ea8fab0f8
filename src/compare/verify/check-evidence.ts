/** Whether the evidence is whole, and whether each line's figures follow from its raw values. */
import { type Evidence, isOf } from '../../protocol/evidence.js';
import type { AnswerKind } from '../../protocol/metrics/metric.js';
import { answerKind } from '../../protocol/metrics/metrics.js';
import type { Row } from '../../protocol/row.js';
import { sha256Value } from '../../store/hash.js';
import type { Ledger } from '../../store/ledger.js';
import { type Comparison, comparisonId, judgedCandidates } from '../comparison.js';
import { meanLogprob, preferenceFigures, timingFigures } from '../evidence/figures.js';
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
  return [...problems, ...missingAnswers(comparison, rows, evidence)];
}

function lineProblems({ gate, gate_sha256, candidates }: Comparison, rows: Map<string, Row>, line: Evidence): string[] {
  const problems: string[] = [];
  if (line.gate_sha256 !== gate_sha256) problems.push('was gathered under another gate');
  for (const { name, identity } of line.candidates) {
    if (!candidates.some((candidate) => candidate.name === name && candidate.identity === identity))
      problems.push(`is of another candidate than ${name}`);
  }
  const row = rows.get(line.example_id);
  if (line.kind === 'answer' || line.kind === 'timing' || line.kind === 'reference' || line.kind === 'preference') {
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

/** What is scored beside the answers, where no rule scores these. */
const GIVEN_ANSWERS: Partial<Record<AnswerKind, { kind: Evidence['kind']; words: string }>> = {
  text: { kind: 'reference', words: 'reference answers' },
  pair: { kind: 'preference', words: 'pairs' },
};

/** Every test row answered once by every candidate; lines that are there twice are refused when they are read. */
function missingAnswers(comparison: Comparison, rows: Map<string, Row>, evidence: Evidence[]): string[] {
  const numMissing = (found: string[]) => {
    const ids = new Set(found);
    return [...rows.keys()].filter((id) => !ids.has(id)).length;
  };
  const given = GIVEN_ANSWERS[answerKind(comparison.gate.metric)];
  return judgedCandidates(comparison).flatMap(({ name, constant }) => {
    const mine = evidence.filter((line) => isOf(line, name));
    const answered = mine.filter(({ kind }) => kind === 'answer').map(({ example_id }) => example_id);
    const problems: string[] = [];
    const missing = numMissing(answered);
    if (missing > 0) problems.push(`${missing} of ${rows.size} test rows have no answer of ${name}`);
    if (answered.length > new Set(answered).size) problems.push(`a test row has two answers of ${name}`);
    if (!given || constant !== undefined || mine.some((line) => isWhole(line))) return problems;
    const scored = mine.filter(({ kind }) => kind === given.kind || kind === 'not-measured').map(({ example_id }) => example_id);
    const unscored = numMissing(scored);
    if (unscored > 0) problems.push(`${unscored} of ${rows.size} ${given.words} were not scored for ${name}`);
    return problems;
  });
}

/** The endpoint cannot score, so that no row has a line of its own. */
const isWhole = (line: Evidence) => line.kind === 'not-measured' && ['references', 'preferences'].includes(line.example_id);
