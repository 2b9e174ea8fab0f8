/** Every test row with the answers side by side: what a figure is made of. Complete without JavaScript: the filter is a form. */
import { metricModule } from '../../../protocol/metrics/metrics.js';
import { type Breakdown, type Confusion, outcomeText, type RowQuery, type RowResult } from '../../../protocol/row-result.js';
import { type Frame, Layout } from '../../layout.js';
import { AnswerText } from '../../parts/answer-text.js';
import { FoldingTable } from '../../parts/folding-table.js';
import { comparisonIdPath, rowsPath, slugPath } from '../../paths.js';
import { Score } from './answer-list.js';
import { Breakdowns } from './breakdowns.js';
import type { RowsOf } from './compare-page-props.js';

export interface RowsPageProps extends RowsOf {
  frame: Frame;
  candidates: string[];
  query: RowQuery;
  /** Of the page that is asked for. */
  rows: RowResult[];
  num_found: number;
  num_rows: number;
  num_pages: number;
  /** How many rows each filter shows; those that show none are not offered. */
  counts: Partial<Record<RowQuery['show'], number>>;
  groups: string[];
  breakdowns: Breakdown[];
  confusion: Confusion | null;
}

/** In a table; a row's own page has all of it. */
const MOST_CHARACTERS = 320;

export function RowsPage(props: RowsPageProps) {
  const { frame, id, slug, title, query, rows, num_found, num_rows, candidates } = props;
  return (
    <Layout frame={frame} title={`Rows of ${title}`} section="comparisons">
      <nav aria-label="Breadcrumb" className="breadcrumb">
        <a href="/comparisons">Comparisons</a> / <a href={slugPath(slug, id)}>{title}</a> / Rows
      </nav>
      <h1>All {num_rows} test rows</h1>
      <Breakdowns {...props} figure={metricModule(props.metric).figure} />
      <h2>Rows</h2>
      <RowFilter {...props} />
      <p aria-live="polite">
        {num_found === num_rows ? `All ${num_rows} rows` : `${num_found} of ${num_rows} rows`}
        {num_found > 0 && (
          <>
            {' '}
            · <a href={rowsPath(id, query, '.csv')}>Download these as CSV</a>
          </>
        )}
      </p>
      {rows.length === 0 ? (
        <p>
          No row is like this. <a href={comparisonIdPath(id, '/rows')}>Show all rows</a>
        </p>
      ) : (
        <FoldingTable
          className="rows"
          label="Test rows"
          heads={['row', 'question', 'reference', ...candidates]}
          rows={rows.map((row) => ({ key: row.example_id, cells: cellsOf(row, props) }))}
        />
      )}
      <Pages {...props} />
    </Layout>
  );
}

function cellsOf(row: RowResult, { id, candidates, challenger, baseline, is_count, metric }: RowsPageProps) {
  const { example_id, group, outcome, question, reference, worse, answers } = row;
  return [
    <span key="row">
      <a href={comparisonIdPath(id, `/rows/${example_id}`)}>{row.row}</a>
      <span className="muted small row-outcome">{outcomeText(outcome, challenger, baseline, is_count)}</span>
      {group !== null && <span className="muted small row-outcome">group {group}</span>}
    </span>,
    <span key="question" className="said">
      {question.length > MOST_CHARACTERS ? `${question.slice(0, MOST_CHARACTERS)}…` : question}
    </span>,
    <span key="reference">
      <AnswerText answer={reference} reference={reference} most={MOST_CHARACTERS} />
      {worse !== undefined && <span className="muted small row-outcome">worse: {worse.slice(0, MOST_CHARACTERS)}</span>}
    </span>,
    ...candidates.map((name) => {
      const answer = answers.find(({ candidate }) => candidate === name);
      if (!answer) return <span key={name}>not answered</span>;
      return (
        <span key={name}>
          <Score metric={metric} value={answer.value} right={answer.right} />
          <AnswerText answer={answer.answer} reference={reference} most={MOST_CHARACTERS} />
          {answer.invalid !== null && answer.invalid !== 'empty' && <span className="row-outcome small state fails">{answer.invalid}</span>}
          {answer.note && <span className="muted small row-outcome">{answer.note}</span>}
        </span>
      );
    }),
  ];
}

function RowFilter({ id, query, counts, groups, challenger, baseline, is_count }: RowsPageProps) {
  const show: [RowQuery['show'], string][] = [
    ['all', 'all rows'],
    ...(['both-right', 'challenger-ahead', 'baseline-ahead', 'both-wrong', 'equal'] as const).map((outcome): [RowQuery['show'], string] => [
      outcome,
      outcomeText(outcome, challenger, baseline, is_count),
    ]),
    ['invalid', 'an answer is invalid'],
    ['differ', 'answers differ'],
  ];
  return (
    <form method="get" action={comparisonIdPath(id, '/rows')} className="inline-form" aria-label="Filter rows">
      <label>
        Show
        <select name="show" defaultValue={query.show}>
          {show
            .filter(([name]) => (counts[name] ?? 0) > 0 || name === query.show)
            .map(([name, text]) => (
              <option key={name} value={name}>
                {text} ({counts[name] ?? 0})
              </option>
            ))}
        </select>
      </label>
      {groups.length > 0 && (
        <label>
          Group
          <select name="group" defaultValue={query.group}>
            <option value="">all groups</option>
            {groups.map((group) => (
              <option key={group} value={group}>
                {group}
              </option>
            ))}
          </select>
        </label>
      )}
      <label>
        Contains
        <input name="text" type="search" defaultValue={query.text} />
      </label>
      <label>
        Sort
        <select name="sort" defaultValue={query.sort}>
          <option value="row">in order</option>
          <option value="worst">worst of {challenger} first</option>
          <option value="lead">furthest behind {baseline} first</option>
          {groups.length > 0 && <option value="group">by group</option>}
        </select>
      </label>
      <button type="submit">Filter</button>
    </form>
  );
}

function Pages({ id, query, num_pages }: RowsPageProps) {
  if (num_pages <= 1) return null;
  return (
    <nav aria-label="Pages" className="pages">
      {query.page > 1 && <a href={rowsPath(id, { ...query, page: query.page - 1 })}>← Previous</a>}
      <span className="muted">
        Page {query.page} of {num_pages}
      </span>
      {query.page < num_pages && <a href={rowsPath(id, { ...query, page: query.page + 1 })}>Next →</a>}
    </nav>
  );
}
