/** Compared rows as a CSV file (RFC 4180) that a spreadsheet opens without running anything. A pure function. */
import type { RowResult } from '../protocol/row-result.js';

/** @param candidates in the order of their columns */
export function rowsCsv(rows: RowResult[], candidates: string[]): string {
  const hasGroups = rows.some(({ group }) => group !== null);
  const hasWorse = rows.some(({ worse }) => worse !== undefined);
  const heads = [
    'row',
    'id',
    ...(hasGroups ? ['group'] : []),
    'outcome',
    'question',
    'reference',
    ...(hasWorse ? ['worse answer'] : []),
    ...candidates.flatMap((name) => [name, `${name}: value`, `${name}: invalid`]),
  ];
  const lines = rows.map(({ row, example_id, group, outcome, question, reference, worse, answers }) => [
    String(row),
    example_id,
    ...(hasGroups ? [group ?? ''] : []),
    outcome,
    question,
    reference,
    ...(hasWorse ? [worse ?? ''] : []),
    ...candidates.flatMap((name) => {
      const answer = answers.find(({ candidate }) => candidate === name);
      return answer ? [answer.answer, answer.value === null ? '' : String(answer.value), answer.invalid ?? ''] : ['', '', ''];
    }),
  ]);
  return [heads, ...lines].map((cells) => `${cells.map(cell).join(',')}\r\n`).join('');
}

/** A number is no formula, though it may begin with a sign. */
const NUMBER = /^[-+]?\d+(\.\d+)?(e[-+]?\d+)?$/i;

/** Text that a spreadsheet would read as a formula begins with a quote (OWASP, CSV injection). */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
