/** A comparison as one file that needs nothing else: for someone who has no Slipway. */
import { metricModule } from '../../../protocol/metrics/metrics.js';
import type { RowResult } from '../../../protocol/row-result.js';
import { Time } from '../../parts/small-parts.js';
import { AnswerList } from './answer-list.js';
import { CompareBody } from './compare-body.js';
import type { ComparePageProps } from './compare-page-props.js';

interface ReportPageProps extends ComparePageProps {
  /** The style sheet's text. */
  style: string;
  made_at: string;
  slipway_version: string;
  /** All test rows; null: they stay out of the file. */
  rows: RowResult[] | null;
}

export function ReportPage({ style, made_at, slipway_version, rows, ...props }: ReportPageProps) {
  const { id, title, ledger, gate } = props;
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <meta name="color-scheme" content="light dark" />
        <meta httpEquiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:" />
        <title>{`${title} · Slipway report`}</title>
        <style dangerouslySetInnerHTML={{ __html: style }} />
      </head>
      <body>
        <main id="main" className="report">
          <CompareBody {...props} hasLinks={false} />
          {rows && (
            <section className="no-print">
              <h2>All {rows.length} test rows</h2>
              <p className="muted">{metricModule(gate.metric).words}; marked is what differs from the reference.</p>
              {rows.map((result) => (
                <article className="example" key={result.example_id} id={`row-${result.row}`}>
                  <h3>Row {result.row}</h3>
                  <p className="question">{result.question}</p>
                  <AnswerList result={result} metric={gate.metric} />
                </article>
              ))}
            </section>
          )}
          {!rows && <p className="muted">The questions and answers of single rows beyond the examples are not in this file.</p>}
        </main>
        <footer className="site">
          Made by Slipway {slipway_version} <Time at={made_at} /> from comparison <code>{id}</code>. Head of the ledger:{' '}
          <code className="hash">{ledger.head}</code>, {ledger.num_lines} lines.
        </footer>
      </body>
    </html>
  );
}
