/** All runs, each with its loss at a glance. */
import type { JobStatus } from '../../protocol/run.js';
import { duration } from '../../protocol/units.js';
import type { Decision } from '../../protocol/verdict.js';
import { type Frame, Layout } from '../layout.js';
import type { Point } from '../parts/curve.js';
import { DecisionBadge, Empty, StatusBadge, Time, Unreadable } from '../parts/small-parts.js';
import { runPath } from '../paths.js';

export interface RunRow {
  id: string;
  status: JobStatus;
  created_at: string;
  model: string | null;
  step: number | null;
  num_steps: number | null;
  loss: Point[];
  best_dev_loss: number | null;
  seconds_left: number | null;
  /** Of one's own; empty: none. */
  name: string;
  /** What its rows were read from. */
  data: string | null;
  /** Of its own comparison. */
  verdict: Decision | null;
}

interface RunListProps {
  runs: RunRow[];
  unreadable: string[];
}

export function RunsPage({ frame, runs, unreadable }: { frame: Frame } & RunListProps) {
  return (
    <Layout frame={frame} title="Runs" section="runs" scripts={['live']}>
      <div className="title-row">
        <h1>Runs</h1>
        <a className="button" href="/start">
          Start a run
        </a>
      </div>
      <div id="list" data-live="/runs/changes">
        <RunList runs={runs} unreadable={unreadable} />
      </div>
    </Layout>
  );
}

export function RunList({ runs, unreadable }: RunListProps) {
  if (runs.length + unreadable.length === 0) {
    return (
      <Empty title="No run yet">
        <p>
          A run tunes a model with a recipe. Start one here, or in a terminal:{' '}
          <code className="command">slipway go recipes/quickstart.yaml</code>
        </p>
        <p>
          With a file of your own: <a href="/data">drop it here</a>, or <code className="command">slipway new reports.jsonl</code>
        </p>
      </Empty>
    );
  }
  return (
    <>
      <ul className="run-list">
        {runs.map((run) => (
          <li key={run.id}>
            <a href={runPath(run.id)}>
              <span className="run-name">
                <strong>{run.name || run.id}</strong>
                <span className="muted small">
                  {run.name !== '' && `${run.id} · `}
                  {run.model ?? 'no plan yet'}
                  {run.data !== null && ` on ${run.data}`} · <Time at={run.created_at} />
                </span>
              </span>
              <Sparkline points={run.loss} id={run.id} />
              <span className="run-figures">
                {run.step === null ? 'no step yet' : `step ${run.step} of ${run.num_steps}`}
                <span className="muted small">{lossText(run)}</span>
              </span>
              {run.verdict ? <DecisionBadge decision={run.verdict} /> : <StatusBadge status={run.status} />}
            </a>
          </li>
        ))}
      </ul>
      <Unreadable ids={unreadable} />
    </>
  );
}

function lossText(run: RunRow): string {
  if (run.status === 'running' && run.seconds_left !== null) return `about ${duration(run.seconds_left)} left`;
  if (run.best_dev_loss !== null) return `best dev loss ${run.best_dev_loss.toFixed(4)}`;
  return run.loss.length > 0 ? `loss ${(run.loss.at(-1) as Point).value.toFixed(3)}` : '';
}

function Sparkline({ points, id }: { points: Point[]; id: string }) {
  const high = Math.max(...points.map(({ value }) => value), 1e-9);
  const last = points.at(-1)?.step ?? 1;
  return (
    <svg className="sparkline" viewBox="0 0 100 30" preserveAspectRatio="none" role="img" aria-label={`loss of ${id}`}>
      {points.length > 1 && (
        <polyline
          className="line"
          points={points.map(({ step, value }) => `${((step / last) * 100).toFixed(1)},${(30 - (value / high) * 28).toFixed(1)}`).join(' ')}
        />
      )}
    </svg>
  );
}
