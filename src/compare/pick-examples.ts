/** Which answers a page shows side by side: by a rule that nobody can bend, failures of the challenger among them. Pure functions. */
import type { Evidence } from '../protocol/evidence.js';
import type { Example } from '../protocol/example.js';
import { answerKind, type Gate } from '../protocol/gate.js';
import type { Row } from '../protocol/row.js';
import { rowUnit } from './evidence/gather-answers.js';
import { metricValues } from './verdict/metric-values.js';

const PER_KIND = 2;
const OF_TEXT = 5;

export const EXAMPLE_RULE = `Up to ${PER_KIND} rows of each kind: only the challenger right, only the opponent right, both wrong, both right. Within a kind the rows whose hash comes first, so that nobody chose them.`;
export const TEXT_EXAMPLE_RULE = `The ${OF_TEXT} test rows whose hash comes first, so that nobody chose them.`;

/** @param opponent the one that leads the page */
export function pickExamples(gate: Gate, test: Row[], evidence: Evidence[], candidates: string[], opponent: string): Example[] {
  const isText = answerKind(gate.metric) === 'text';
  const right = new Map(
    isText
      ? []
      : candidates.map((name) => [name, new Map(metricValues(gate.metric, evidence, name).map(({ unit, value }) => [unit, value === 1]))]),
  );
  const answerOf = new Map(
    evidence.flatMap((line) => (line.kind === 'answer' ? [[`${line.candidate} ${line.unit}`, line.answer] as const] : [])),
  );
  const rows = test.map((row) => ({ row, unit: rowUnit(row) })).sort((a, b) => (a.unit < b.unit ? -1 : 1));
  const isAnswered = ({ unit }: { unit: string }) => [gate.challenger, opponent].every((name) => answerOf.has(`${name} ${unit}`));
  const kindOf = (unit: string) => {
    if (isText) return 'free text';
    const [mine, theirs] = [right.get(gate.challenger)?.get(unit) === true, right.get(opponent)?.get(unit) === true];
    if (mine && theirs) return 'both right';
    if (mine) return `only ${gate.challenger} right`;
    return theirs ? `only ${opponent} right` : 'both wrong';
  };
  const kinds = isText ? ['free text'] : [`only ${gate.challenger} right`, `only ${opponent} right`, 'both wrong', 'both right'];
  return kinds.flatMap((kind) => {
    const ofKind = rows.filter((entry) => isAnswered(entry) && kindOf(entry.unit) === kind).slice(0, isText ? OF_TEXT : PER_KIND);
    return ofKind.map(({ row, unit }) => ({
      unit,
      kind,
      question: row.messages.findLast(({ role }) => role === 'user')?.content ?? '',
      reference: row.messages.at(-1)?.content ?? '',
      answers: candidates.flatMap((candidate) => {
        const answer = answerOf.get(`${candidate} ${unit}`);
        return answer === undefined ? [] : [{ candidate, answer, right: isText ? null : right.get(candidate)?.get(unit) === true }];
      }),
    }));
  });
}
