/** One run: how it stands, its curves, what is trained, what is learnt from which token, and what it said. */
import type { Artifact } from '../../../protocol/artifact.js';
import type { Build } from '../../../protocol/build.js';
import type { ModuleCoverage } from '../../../protocol/event.js';
import type { Inspection } from '../../../protocol/inspection.js';
import type { SplitsLint } from '../../../protocol/lint.js';
import type { Plan } from '../../../protocol/plan.js';
import type { RunRecord, RunStatus } from '../../../protocol/run.js';
import { type Frame, Layout } from '../../layout.js';
import type { Point } from '../../parts/curve.js';
import { Coverage } from './coverage.js';
import { Curves } from './curves.js';
import { Masks } from './masks.js';
import { PlanTable } from './plan-table.js';
import { RunState } from './run-state.js';
import { Samples } from './samples.js';

export interface Sample {
  step: number;
  prompt: string;
  answer: string;
  expected: string;
}

export interface RunView {
  record: RunRecord;
  status: RunStatus;
  num_attempts: number;
  plan: Plan | null;
  inspection: Inspection | null;
  lint: SplitsLint | null;
  artifact: Artifact | null;
  build: Build | null;
  coverage: ModuleCoverage[];
  /** The longest rows, tried before step 1. */
  worst_batch: { num_tokens: number; memory_bytes: number; forecast_bytes: number } | null;
  /** What the worker says it does between steps. */
  phase: string | null;
  step: number;
  num_steps: number;
  seconds_left: number | null;
  curves: {
    loss: Point[];
    dev_loss: Point[];
    tokens_per_second: Point[];
    learning_rate: Point[];
    grad_norm: Point[];
    memory_bytes: Point[];
  };
  samples: Sample[];
  error: { message: string; hint: string } | null;
  /** Comparisons in which its adapter stands. */
  comparisons: { slug: string; id: string; decision: string | null }[];
  log_tail: string;
}

/** The parts that change while it runs, by the id of their element. */
export function liveParts(view: RunView, csrf: string) {
  return {
    state: <RunState view={view} csrf={csrf} />,
    curves: <Curves view={view} />,
    coverage: <Coverage coverage={view.coverage} />,
    samples: <Samples samples={view.samples} />,
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
      <div data-live={`/runs/${id}/changes`}>
        <div id="state">{parts.state}</div>
        <div id="curves">{parts.curves}</div>
        <div id="samples">{parts.samples}</div>
        <div id="coverage">{parts.coverage}</div>
      </div>
      <Masks inspection={view.inspection} lint={view.lint} />
      <PlanTable plan={view.plan} />
      <div id="log">{parts.log}</div>
    </Layout>
  );
}

function Log({ tail }: { tail: string }) {
  return (
    <section>
      <h2>Log</h2>
      <p className="muted">The last lines that the worker and its libraries have printed.</p>
      <div className="log" tabIndex={0}>
        <pre>{tail.trim() === '' ? 'Nothing was printed.' : tail}</pre>
      </div>
    </section>
  );
}
