/** A comparison that has no verdict yet: how far it is, and what can be done with it. It turns into the verdict's page. */
import type { Candidate } from '../../../protocol/candidate.js';
import { isActive, type JobStatus } from '../../../protocol/run.js';
import { percent } from '../../../protocol/units.js';
import { type Frame, Layout } from '../../layout.js';
import { Csrf, Problem, ShareBar, StatusBadge } from '../../parts/small-parts.js';
import { pitchOf } from './describe-candidate.js';

export interface MeasuringView {
  id: string;
  status: JobStatus;
  challenger: string;
  baselines: string[];
  candidates: Candidate[];
  /** Rows that each has answered or scored, by its name. */
  num_measured: Record<string, number>;
  num_evidence: number;
  num_test_rows: number;
  /** What is being measured now. */
  phase: string | null;
  /** Of the phase, 0 to 1. */
  share: number | null;
  error: { message: string; hint: string } | null;
}

const MEANING: Record<JobStatus, string> = {
  preparing: 'The gate and the test rows are fixed, and nothing has been measured.',
  starting: 'Its process is being started.',
  running: 'It is being measured. It continues when this page is closed.',
  stopping: 'It was asked to stop, and ends after the question that is being answered.',
  done: 'Everything is measured: load the page again for the verdict.',
  stopped: 'It was stopped. What was measured is kept.',
  failed: 'It ended with an error. What was measured is kept.',
  lost: 'It is not running and recorded no reason. What was measured is kept.',
};

/** Seconds after which a reader without JavaScript sees it again. */
const REFRESH_S = 10;

export function MeasuringPage({ frame, view }: { frame: Frame; view: MeasuringView }) {
  const { id, challenger, baselines, status } = view;
  return (
    <Layout
      frame={frame}
      title={`${challenger} vs ${baselines.join(', ')}`}
      section="comparisons"
      scripts={['live']}
      {...(isActive(status) ? { refresh_s: REFRESH_S } : {})}
    >
      <nav aria-label="Breadcrumb" className="breadcrumb">
        <a href="/comparisons">Comparisons</a> / {id}
      </nav>
      <h1>
        {challenger} <span className="vs">vs</span> {baselines.join(', ')}
      </h1>
      <div data-live={`/comparisons/${id}/changes`}>
        <div id="state">
          <MeasuringState view={view} csrf={frame.csrf} />
        </div>
      </div>
    </Layout>
  );
}

export function MeasuringState({ view, csrf }: { view: MeasuringView; csrf: string }) {
  const { id, status, phase, share, num_evidence, num_test_rows, num_measured, candidates, error } = view;
  const action = status === 'stopping' || status === 'done' ? null : isActive(status) ? 'stop' : 'resume';
  return (
    <section className={`run-state ${status}`} aria-live="polite">
      <div className="title-row">
        <p>
          <StatusBadge status={status} /> {MEANING[status]}
        </p>
        {action && (
          <form method="post" action={`/comparisons/${id}/${action}`}>
            <Csrf csrf={csrf} />
            <button type="submit">{action === 'stop' ? 'Stop' : status === 'preparing' ? 'Start' : 'Resume'}</button>
          </form>
        )}
      </div>
      {share !== null && <ShareBar share={share} label={`${phase ?? 'measured'}: ${percent(share)}`} />}
      <p className="muted">
        {phase && status === 'running' && `${phase}; `}
        {num_evidence} lines of evidence on {num_test_rows} test rows.
      </p>
      {error && <Problem message={error.message} hint={error.hint} />}
      <dl className="facts">
        {candidates.map((candidate) => {
          const measured = num_measured[candidate.name] ?? 0;
          return (
            <div key={candidate.name}>
              <dt>{candidate.name}</dt>
              <dd>
                {pitchOf(candidate)}; {measured} of {num_test_rows} rows
                <ShareBar share={measured / Math.max(1, num_test_rows)} label={`${candidate.name}: ${measured} of ${num_test_rows} rows`} />
              </dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}
