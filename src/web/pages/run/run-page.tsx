/** One run: its state, curves, coverage, masks, samples and log. */
import { type Frame, Layout } from '../../layout.js';
import { Csrf } from '../../parts/small-parts.js';
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
    log: <Log tail={view.log_tail} isOpen={view.error !== null} />,
  };
}

export function RunPage({ frame, view }: { frame: Frame; view: RunView }) {
  const { id } = view.record;
  const { label } = view;
  const parts = liveParts(view, frame.csrf);
  return (
    <Layout frame={frame} title={id} section="runs" scripts={['live', 'crosshair']}>
      <nav aria-label="Breadcrumb" className="breadcrumb">
        <a href="/runs">Runs</a> / {id}
      </nav>
      <h1 className="identifier">{label.name || id}</h1>
      {label.note !== '' && <p className="said">{label.note}</p>}
      <LabelForm view={view} csrf={frame.csrf} />
      <div data-live={runPath(id, `/changes${looked(view)}`)}>
        <div id="state">{parts.state}</div>
        <div id="preferences">{parts.preferences}</div>
        <CurveForm view={view} />
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

/** The same view of the curves for what is sent when they change. */
function looked({ beside, is_log }: RunView): string {
  const search = new URLSearchParams([
    ...beside.map(({ id }) => ['with', id] as [string, string]),
    ...(is_log ? [['scale', 'log'] as [string, string]] : []),
  ]);
  return search.size > 0 ? `?${search}` : '';
}

function LabelForm({ view: { record, label }, csrf }: { view: RunView; csrf: string }) {
  return (
    <details>
      <summary>{label.name === '' && label.note === '' ? 'Give it a name or a note' : 'Change name and note'}</summary>
      <form method="post" action={runPath(record.id, '/label')}>
        <Csrf csrf={csrf} />
        <label htmlFor="run-name">Name</label>
        <input id="run-name" name="name" maxLength={100} defaultValue={label.name} className="block" />
        <label htmlFor="run-note">Note</label>
        <textarea id="run-note" name="note" rows={3} maxLength={4000} defaultValue={label.note} />
        <button type="submit" className="quiet">
          Save
        </button>
      </form>
    </details>
  );
}

/** A form that only changes how the curves are drawn. */
function CurveForm({ view: { record, others, beside, is_log } }: { view: RunView }) {
  return (
    <form method="get" action={runPath(record.id)} className="inline-form">
      {others.length > 0 && (
        <label>
          Curves beside it, up to three
          <select name="with" multiple size={Math.min(3, others.length)} defaultValue={beside.map(({ id }) => id)}>
            {others.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <label>
        Scale
        <select name="scale" defaultValue={is_log ? 'log' : ''}>
          <option value="">linear</option>
          <option value="log">logarithmic</option>
        </select>
      </label>
      <button type="submit" className="quiet">
        Draw
      </button>
    </form>
  );
}

/** @param isOpen where it may say what went wrong */
function Log({ tail, isOpen }: { tail: string; isOpen: boolean }) {
  return (
    <section>
      <h2>Log</h2>
      <details open={isOpen}>
        <summary>The last lines that the worker and its libraries have printed</summary>
        <div className="log" tabIndex={0}>
          <pre>{tail.trim() === '' ? 'Nothing was printed.' : tail}</pre>
        </div>
      </details>
    </section>
  );
}
