/** One run: its state, curves, coverage, masks, samples and log. */
import { type Frame, Layout } from '../../layout.js';
import { runPath } from '../../paths.js';
import { Coverage } from './coverage.js';
import { Curves } from './curves.js';
import { Masks } from './masks.js';
import { PlanTable } from './plan-table.js';
import { Preferences } from './preferences.js';
import { RewardModel } from './reward-model.js';
import { RunState } from './run-state.js';
import type { RunView } from './run-view.js';
import { Samples } from './samples.js';

/** The parts that change while it runs, by the id of their element. */
export function liveParts(view: RunView, csrf: string) {
  return {
    state: <RunState view={view} csrf={csrf} />,
    preferences: view.plan?.method === 'reward' ? <RewardModel view={view} /> : <Preferences view={view} />,
    curves: <Curves view={view} />,
    coverage: <Coverage coverage={view.coverage} />,
    samples: <Samples view={view} />,
    log: <Log tail={view.log_tail} />,
  };
}

export function RunPage({ frame, view }: { frame: Frame; view: RunView }) {
  const { id } = view.record;
  const parts = liveParts(view, frame.csrf);
  return (
    <Layout frame={frame} title={id} section="runs" scripts={['live']}>
      <nav aria-label="Breadcrumb" className="breadcrumb">
        <a href="/runs">Runs</a> / {id}
      </nav>
      <h1 className="identifier">{id}</h1>
      <div data-live={runPath(id, '/changes')}>
        <div id="state">{parts.state}</div>
        <div id="preferences">{parts.preferences}</div>
        <div id="curves">{parts.curves}</div>
        <div id="samples">{parts.samples}</div>
        <div id="coverage">{parts.coverage}</div>
      </div>
      <Masks inspection={view.inspection} lint={view.lint} isScored={view.plan?.method === 'reward'} />
      <PlanTable plan={view.plan} />
      <div id="log">{parts.log}</div>
    </Layout>
  );
}

function Log({ tail }: { tail: string }) {
  return (
    <section>
      <h2>Log</h2>
      <p className="muted">The last lines printed by the worker and its libraries.</p>
      <div className="log" tabIndex={0}>
        <pre>{tail.trim() === '' ? 'Nothing was printed.' : tail}</pre>
      </div>
    </section>
  );
}
