/** Which of the compared rows are shown, and in which order. Pure functions. */
import { ROW_FILTERS, type RowQuery, type RowResult } from '../protocol/row-result.js';

/** @param challenger the candidate whose worst rows come first, or whose lead over `baseline` orders them */
export function filterRows(rows: RowResult[], query: RowQuery, challenger: string, baseline: string): RowResult[] {
  const wanted = query.text.trim().toLowerCase();
  const found = rows.filter(
    (row) => isShown(row, query.show) && (query.group === '' || row.group === query.group) && (wanted === '' || holds(row, wanted)),
  );
  const scoreOf = (row: RowResult, name: string) => row.answers.find(({ candidate }) => candidate === name)?.value ?? 0;
  switch (query.sort) {
    case 'row':
      return found;
    case 'group':
      return found.sort((a, b) => (a.group ?? '').localeCompare(b.group ?? '') || a.row - b.row);
    case 'worst':
      return found.sort((a, b) => scoreOf(a, challenger) - scoreOf(b, challenger) || a.row - b.row);
    case 'lead': {
      const lead = (row: RowResult) => scoreOf(row, challenger) - scoreOf(row, baseline);
      return found.sort((a, b) => lead(a) - lead(b) || a.row - b.row);
    }
  }
}

function isShown(row: RowResult, show: RowQuery['show']): boolean {
  switch (show) {
    case 'all':
      return true;
    case 'invalid':
      return row.answers.some(({ invalid }) => invalid !== null);
    case 'differ':
      return new Set(row.answers.map(({ answer }) => answer.trim())).size > 1;
    default:
      return row.outcome === show;
  }
}

function holds({ question, reference, answers, group }: RowResult, text: string): boolean {
  return [question, reference, group ?? '', ...answers.map(({ answer }) => answer)].some((part) => part.toLowerCase().includes(text));
}

/** How many rows each filter shows. */
export function countRows(rows: RowResult[]): Record<RowQuery['show'], number> {
  const counts = ROW_FILTERS.map((show) => [show, rows.filter((row) => isShown(row, show)).length]);
  return Object.fromEntries(counts) as Record<RowQuery['show'], number>;
}
