/** One test row, whole: what was asked, what was right, and what each candidate answered. */
import { metricModule } from '../../../protocol/metrics/metrics.js';
import type { Message } from '../../../protocol/row.js';
import { outcomeText, type RowResult } from '../../../protocol/row-result.js';
import { type Frame, Layout } from '../../layout.js';
import { comparisonIdPath, slugPath } from '../../paths.js';
import { AnswerList } from './answer-list.js';
import type { RowsOf } from './compare-page-props.js';

export interface RowPageProps extends RowsOf {
  frame: Frame;
  result: RowResult;
  /** The conversation before the answer. */
  messages: Message[];
  /** Ids of the rows before and after. */
  previous: string | null;
  next: string | null;
}

export function RowPage({
  frame,
  id,
  slug,
  title,
  metric,
  is_count,
  challenger,
  baseline,
  result,
  messages,
  previous,
  next,
}: RowPageProps) {
  const { row, group, outcome } = result;
  const path = (example_id: string) => comparisonIdPath(id, `/rows/${example_id}`);
  return (
    <Layout frame={frame} title={`Row ${row} of ${title}`} section="comparisons">
      <nav aria-label="Breadcrumb" className="breadcrumb">
        <a href="/comparisons">Comparisons</a> / <a href={slugPath(slug, id)}>{title}</a> / <a href={comparisonIdPath(id, '/rows')}>Rows</a>{' '}
        / {row}
      </nav>
      <div className="title-row">
        <h1>Row {row}</h1>
        <nav aria-label="Rows" className="pages">
          {previous && <a href={path(previous)}>← Previous</a>}
          {next && <a href={path(next)}>Next →</a>}
        </nav>
      </div>
      <p className="muted">
        {outcomeText(outcome, challenger, baseline, is_count)}
        {group !== null && ` · group ${group}`} · {metricModule(metric).words}
      </p>
      <article className="example">
        {messages.map(({ role, content }, index) => {
          const key = `${index} ${role}`;
          return (
            <div key={key}>
              <p className="eyebrow">{role}</p>
              <p className="question">{content}</p>
            </div>
          );
        })}
        <AnswerList result={result} metric={metric} />
        <p className="muted small">Marked: what differs from the reference.</p>
      </article>
    </Layout>
  );
}
