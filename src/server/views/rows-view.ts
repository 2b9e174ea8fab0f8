/** The rows of a judged comparison as their pages show them. */
import { basename } from 'node:path';
import { breakdowns, confusionOf } from '../../compare/breakdown.js';
import { countRows, filterRows } from '../../compare/filter-rows.js';
import { isCounted, rowResults } from '../../compare/row-results.js';
import { rowsCsv } from '../../compare/rows-csv.js';
import { AppError } from '../../protocol/errors.js';
import type { RowQuery, RowResult } from '../../protocol/row-result.js';
import type { RowsOf } from '../../web/pages/compare/compare-page-props.js';
import type { RowPageProps } from '../../web/pages/compare/row-page.js';
import type { RowsPageProps } from '../../web/pages/compare/rows-page.js';
import { type JudgedComparison, judgedComparison, slugOf, titleOf } from './comparison-view.js';

/** On a phone a row is a card: more of them are too long a way. */
const ROWS_PER_PAGE = 25;

interface JudgedRows extends RowsOf {
  candidates: string[];
  judged: JudgedComparison;
  rows: RowResult[];
}

/** @throws AppError not-judged, not-verified */
function judgedRows(folder: string): JudgedRows {
  const judged = judgedComparison(folder);
  if (!judged) throw new AppError('not-judged', { comparison: basename(folder) });
  const { id, comparison, evidence, gate, ordered, verdict } = judged;
  const candidates = ordered.map(({ name }) => name);
  const [challenger, baseline] = candidates as [string, string];
  return {
    judged,
    id,
    slug: slugOf(ordered, challenger, baseline),
    title: titleOf(id, challenger, baseline),
    metric: verdict.metric,
    is_count: isCounted(gate),
    challenger,
    baseline,
    candidates,
    rows: rowResults({ gate, test: comparison.test, evidence, candidates, baseline }),
  };
}

export function rowsView(folder: string, query: RowQuery): Omit<RowsPageProps, 'frame'> {
  const { judged, rows, ...shown } = judgedRows(folder);
  const { challenger, baseline, candidates } = shown;
  const found = filterRows(rows, query, challenger, baseline);
  const num_pages = Math.max(1, Math.ceil(found.length / ROWS_PER_PAGE));
  const page = Math.min(query.page, num_pages);
  return {
    ...shown,
    query: { ...query, page },
    rows: found.slice((page - 1) * ROWS_PER_PAGE, page * ROWS_PER_PAGE),
    num_found: found.length,
    num_rows: rows.length,
    num_pages,
    counts: countRows(rows),
    groups: [...new Set(rows.flatMap(({ group }) => group ?? []))].sort(),
    breakdowns: breakdowns(judged.gate, rows, candidates),
    confusion: confusionOf(judged.gate, rows, challenger),
  };
}

export function rowsFile(folder: string, query: RowQuery): string {
  const { rows, challenger, baseline, candidates } = judgedRows(folder);
  return rowsCsv(filterRows(rows, query, challenger, baseline), candidates);
}

/** @param example_id or a beginning of it. @throws AppError page-not-found, not-judged, not-verified */
export function rowView(folder: string, example_id: string): Omit<RowPageProps, 'frame'> {
  const { judged, rows, candidates: _, ...shown } = judgedRows(folder);
  const at = rows.findIndex((row) => row.example_id.startsWith(example_id));
  const result = rows[at];
  if (!result || example_id === '') throw new AppError('page-not-found', { path: `/comparisons/${basename(folder)}/rows/${example_id}` });
  return {
    ...shown,
    result,
    messages: judged.comparison.test[at]?.messages.slice(0, -1) ?? [],
    previous: rows[at - 1]?.example_id ?? null,
    next: rows[at + 1]?.example_id ?? null,
  };
}
