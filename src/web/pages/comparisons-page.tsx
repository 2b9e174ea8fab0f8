/** All comparisons, the newest first. */
import { metricModule } from '../../protocol/metrics/metrics.js';
import type { JobStatus } from '../../protocol/run.js';
import type { Verdict } from '../../protocol/verdict.js';
import { type Frame, Layout } from '../layout.js';
import { ChangedBadge, DecisionBadge, Empty, StatusBadge, Time } from '../parts/small-parts.js';
import { slugPath } from '../paths.js';

export interface ComparisonRow {
  id: string;
  slug: string;
  /** The recipe's name; null: no recipe asked for it. */
  task: string | null;
  /** What the test rows were read from. */
  data: string | null;
  num_test_rows: number;
  status: JobStatus;
  challenger: string;
  baselines: string[];
  /** Hashes of the adapters that are compared. */
  adapters: string[];
  /** Null: it was begun and not judged. */
  verdict: Verdict | null;
  /** Something was changed since it was recorded: its verdict is not shown. */
  is_changed: boolean;
  num_evidence: number;
}

interface ComparisonsPageProps {
  frame: Frame;
  comparisons: ComparisonRow[];
  /** Ids of comparisons that another version of Slipway has written. */
  unreadable: string[];
}

export function ComparisonsPage({ frame, comparisons, unreadable }: ComparisonsPageProps) {
  return (
    <Layout frame={frame} title="Comparisons" section="comparisons">
      <div className="title-row">
        <h1>Comparisons</h1>
        <a className="button" href="/comparisons/new">
          Compare two
        </a>
      </div>
      {comparisons.length + unreadable.length === 0 && (
        <Empty title="Nothing has been compared yet">
          <p>
            A recipe with a gate ends with a comparison: <code className="command">slipway go recipes/quickstart.yaml</code>
          </p>
          <p>
            Two models, runs or endpoints: <code className="command">slipway compare A B --test rows.jsonl</code>
          </p>
        </Empty>
      )}
      <ul className="run-list">
        {comparisons.map(({ id, slug, task, data, num_test_rows, status, challenger, baselines, verdict, is_changed, num_evidence }) => (
          <li key={id}>
            <a className="without-curve" href={slugPath(slug, id)}>
              <span className="run-name">
                <strong>
                  {task === null ? '' : `${task}: `}
                  {challenger} vs {baselines.join(', ')}
                </strong>
                <span className="muted small">
                  {num_test_rows} rows{data === null ? '' : ` of ${data}`} · {id}
                  {verdict && (
                    <>
                      {' '}
                      · <Time at={verdict.at} />
                    </>
                  )}
                </span>
              </span>
              <span className="run-figures">
                {verdict?.baselines[0]
                  ? `${metricModule(verdict.metric).amount(verdict.baselines[0].difference.estimate)} ahead of ${verdict.baselines[0].baseline}`
                  : `${num_evidence} lines of evidence, ${is_changed ? 'changed since they were recorded' : 'no verdict yet'}`}
              </span>
              {verdict && <DecisionBadge decision={verdict.decision} />}
              {!verdict && !is_changed && <StatusBadge status={status} />}
              {is_changed && <ChangedBadge />}
            </a>
          </li>
        ))}
      </ul>
      {unreadable.length > 0 && (
        <p className="muted small">
          Not listed, since another version of Slipway wrote them: {unreadable.join(', ')}. <code>slipway verify ID</code> says what
          differs.
        </p>
      )}
    </Layout>
  );
}
