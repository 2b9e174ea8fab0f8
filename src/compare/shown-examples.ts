/** The answers that a page shows side by side, chosen by a fixed rule; they include failures of the challenger. Pure functions. */
import type { Evidence } from '../protocol/evidence.js';
import type { Example } from '../protocol/example.js';
import type { Gate } from '../protocol/gate.js';
import { answerKind, isRightOrWrong } from '../protocol/metrics/metrics.js';
import type { ComparedRow } from '../protocol/row.js';
import { exampleId } from './evidence/measuring.js';
import { metricValues } from './verdict/metric-values.js';

const PER_KIND = 2;
const OF_TEXT = 5;

export const EXAMPLE_RULE = `Up to ${PER_KIND} rows of each kind: only the challenger right, only the baseline right, both wrong, both right. Within a kind, the rows with the lowest hashes: nobody chose them.`;
export const TEXT_EXAMPLE_RULE = `The ${OF_TEXT} test rows with the lowest hashes: nobody chose them.`;

export interface ExamplesRequest {
  gate: Gate;
  test: ComparedRow[];
  evidence: Evidence[];
  candidates: string[];
  /** The one that leads the page. */
  baseline: string;
}

export function pickShownExamples({ gate, test, evidence, candidates, baseline }: ExamplesRequest): Example[] {
  const isText = !isRightOrWrong(gate.metric);
  const right = new Map(
    isText
      ? []
      : candidates.map((name) => [
          name,
          new Map(metricValues(gate.metric, evidence, name).map(({ example_id, value }) => [example_id, value === 1])),
        ]),
  );
  const answerOf = textsOf(
    evidence,
    answerKind(gate.metric) === 'score' ? scoresText : (line) => (line.kind === 'answer' ? line.answer : null),
  );
  const noteOf = textsOf(evidence, rewardText);
  const rows = test.map((row) => ({ row, example_id: exampleId(row) })).sort((a, b) => (a.example_id < b.example_id ? -1 : 1));
  const isAnswered = ({ example_id }: { example_id: string }) =>
    [gate.challenger, baseline].every((name) => answerOf.has(`${name} ${example_id}`));
  const kindOf = (example_id: string) => {
    if (isText) return 'free text';
    const [mine, theirs] = [right.get(gate.challenger)?.get(example_id) === true, right.get(baseline)?.get(example_id) === true];
    if (mine && theirs) return 'both right';
    if (mine) return `only ${gate.challenger} right`;
    return theirs ? `only ${baseline} right` : 'both wrong';
  };
  const kinds = isText ? ['free text'] : [`only ${gate.challenger} right`, `only ${baseline} right`, 'both wrong', 'both right'];
  return kinds.flatMap((kind) => {
    const ofKind = rows.filter((entry) => isAnswered(entry) && kindOf(entry.example_id) === kind).slice(0, isText ? OF_TEXT : PER_KIND);
    return ofKind.map(({ row, example_id }) => ({
      example_id,
      kind,
      question: row.messages.findLast(({ role }) => role === 'user')?.content ?? '',
      reference: row.messages.at(-1)?.content ?? '',
      ...(row.rejected ? { worse: row.rejected.at(-1)?.content ?? '' } : {}),
      answers: candidates.flatMap((candidate) => {
        const answer = answerOf.get(`${candidate} ${example_id}`);
        const note = noteOf.get(`${candidate} ${example_id}`);
        if (answer === undefined) return [];
        const isRight = isText ? null : right.get(candidate)?.get(example_id) === true;
        return [{ candidate, answer, ...(note === undefined ? {} : { note }), right: isRight }];
      }),
    }));
  });
}

/** By candidate and row; what a line has no text of is left out. */
function textsOf(evidence: Evidence[], text: (line: Evidence) => string | null): Map<string, string> {
  return new Map(
    evidence.flatMap((line) => {
      const found = text(line);
      return found === null ? [] : [[`${line.candidates[0]?.name} ${line.example_id}`, found] as const];
    }),
  );
}

/** What a model that scores given answers makes of a pair. */
function scoresText(line: Evidence): string | null {
  if (line.kind === 'scored-pair') return `scored ${figure(line.chosen_reward)}, the worse ${figure(line.rejected_reward)}`;
  return line.kind === 'preference' ? `${figure(line.chosen_logprob)} nats a token, the worse ${figure(line.rejected_logprob)}` : null;
}

function rewardText(line: Evidence): string | null {
  return line.kind === 'reward' ? `reward ${figure(line.reward)}, of the reference ${figure(line.reference_reward)}` : null;
}

const figure = (value: number) => value.toFixed(2).replace('-', '−');
