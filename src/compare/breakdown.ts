/** Where the candidates are right and wrong: by label, by field and by group. Pure functions. */
import type { Gate } from '../protocol/gate.js';
import { answerKind, metricModule } from '../protocol/metrics/metrics.js';
import { rightFields } from '../protocol/metrics/record.js';
import type { Breakdown, Confusion, Part, RowResult } from '../protocol/row-result.js';

export function breakdowns(gate: Gate, rows: RowResult[], candidates: string[]): Breakdown[] {
  const kind = answerKind(gate.metric);
  return [
    ...(kind === 'label' ? [{ by: 'label' as const, parts: partsBy(rows, candidates, ({ reference }) => reference.trim()) }] : []),
    ...(kind === 'record' ? [{ by: 'field' as const, parts: fieldParts(gate, rows, candidates) }] : []),
    ...(rows.some(({ group }) => group !== null)
      ? [{ by: 'group' as const, parts: partsBy(rows, candidates, ({ group }) => group ?? '') }]
      : []),
  ];
}

/** The largest first. */
function partsBy(rows: RowResult[], candidates: string[], nameOf: (row: RowResult) => string): Part[] {
  const of = new Map<string, RowResult[]>();
  for (const row of rows) of.set(nameOf(row), [...(of.get(nameOf(row)) ?? []), row]);
  const parts = [...of].map(([name, members]) => ({
    name,
    num_rows: members.length,
    means: candidates.map((candidate) =>
      mean(members.flatMap(({ answers }) => answers.find((answer) => answer.candidate === candidate)?.value ?? [])),
    ),
  }));
  return parts.sort((a, b) => b.num_rows - a.num_rows || a.name.localeCompare(b.name));
}

function fieldParts(gate: Gate, rows: RowResult[], candidates: string[]): Part[] {
  return Object.keys((gate.schema?.properties ?? {}) as object).map((name) => ({
    name,
    num_rows: rows.length,
    means: candidates.map((candidate) =>
      mean(
        rows.flatMap(({ reference, answers }) => {
          const answer = answers.find((one) => one.candidate === candidate);
          return answer ? [rightFields(answer.answer, reference, [name])] : [];
        }),
      ),
    ),
  }));
}

/** Null where answers are no labels. */
export function confusionOf(gate: Gate, rows: RowResult[], candidate: string): Confusion | null {
  if (answerKind(gate.metric) !== 'label') return null;
  const labels = gate.labels ?? [...new Set(rows.map(({ reference }) => reference.trim()))].sort();
  const { score } = metricModule('accuracy');
  const indexOf = (text: string) => labels.findIndex((label) => score?.(text, label, { fields: [] }) === 1);
  const counts = labels.map(() => Array.from({ length: labels.length + 1 }, () => 0));
  for (const { reference, answers } of rows) {
    const answer = answers.find((one) => one.candidate === candidate);
    const right = counts[indexOf(reference)];
    if (!answer || !right) continue;
    const answered = indexOf(answer.answer);
    const column = answered === -1 ? labels.length : answered;
    right[column] = (right[column] as number) + 1;
  }
  return { labels, counts };
}

function mean(values: number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
