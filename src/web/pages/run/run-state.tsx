/** How a run stands, in words and a bar, and what can be done with it. */

import { keptDevLoss } from '../../../protocol/artifact.js';
import { dataName } from '../../../protocol/recipe.js';
import { isActive, type JobStatus } from '../../../protocol/run.js';
import { duration, percent } from '../../../protocol/units.js';
import { Csrf, DecisionBadge, Problem, ShareBar, StatusBadge, Time } from '../../parts/small-parts.js';
import { chatPath, gatePath, newComparisonPath, runPath, servePath, slugPath } from '../../paths.js';
import type { RunView } from './run-view.js';

const MEANING: Record<JobStatus, string> = {
  preparing: 'It was created, and nothing has been started.',
  starting: 'Its process is being started.',
  running: 'It continues when this page is closed.',
  stopping: 'It was asked to stop: it saves a checkpoint after this step, and ends.',
  done: 'Training is complete.',
  stopped: 'It was stopped with a checkpoint, and can be resumed.',
  failed: 'It ended with an error; its checkpoints are kept.',
  lost: 'It is not running and recorded no reason: the machine went down, or the process was killed. Its checkpoints are kept.',
};

const ARTIFACT_KINDS = { adapter: 'Adapter', model: 'Model', 'reward-model': 'Reward model' };

export function RunState({ view, csrf }: { view: RunView; csrf: string }) {
  const { record, status, step, num_steps, num_attempts, error, build, parity_problems, artifact, comparisons, plan } = view;
  return (
    <section className={`run-state ${status}`} aria-live="polite">
      <div className="title-row">
        <p>
          <StatusBadge status={status} /> {MEANING[status]}
        </p>
        <Actions id={record.id} status={status} csrf={csrf} />
      </div>
      {num_steps > 0 && (
        <>
          <ShareBar share={step / num_steps} label={`${step} of ${num_steps} steps`} />
          <p className="muted">
            Step {step} of {num_steps} ({percent(step / num_steps)})
            {status === 'running' && view.seconds_left !== null && `, about ${duration(view.seconds_left)} left`}
            {status === 'running' && view.phase && `, ${view.phase}`}
            {status === 'running' && view.phase_share !== null && ` ${percent(view.phase_share)}`}
          </p>
        </>
      )}
      {error && <Problem message={error.message} hint={error.hint} />}
      <dl className="facts">
        <div>
          <dt>Started</dt>
          <dd>
            <Time at={record.created_at} />
            {num_attempts > 1 && `, attempt ${num_attempts}`}
            {view.seconds_spent !== null && `, ${isActive(status) ? 'so far' : 'trained for'} ${duration(view.seconds_spent)}`}
          </dd>
        </div>
        {plan && (
          <div>
            <dt>Trains</dt>
            <dd>
              {plan.models.policy.id} by {plan.method}, on {plan.data.num_train_rows} rows of {dataName(plan.data.asked, 'train')}
            </dd>
          </div>
        )}
        <div>
          <dt>Recipe</dt>
          <dd className="path">{record.recipe_file}</dd>
        </div>
        {artifact && (
          <div>
            <dt>{ARTIFACT_KINDS[artifact.kind]}</dt>
            <dd>
              {keptDevLoss(artifact) ?? 'no dev loss'}, on {artifact.base.id} at {artifact.base.quantization}
            </dd>
          </div>
        )}
        {build && (
          <div>
            <dt>Parity</dt>
            <dd>
              {parity_problems.length === 0 ? 'passed' : parity_problems.join('; ')}: float32 mean{' '}
              {build.parity.float32.mean_nats.toExponential(1)} nats, {build.parity.served.base_type} mean{' '}
              {build.parity.served.mean_nats.toFixed(3)} nats
              {build.parity.trained && `, ${build.parity.trained.base_type}: mean ${build.parity.trained.mean_nats.toFixed(3)} nats`}
            </dd>
          </div>
        )}
        {comparisons.map(({ slug, id, decision }) => (
          <div key={id}>
            <dt>Compared</dt>
            <dd>
              <a href={slugPath(slug, id)}>{id}</a> {decision && <DecisionBadge decision={decision as 'ship'} />}
            </dd>
          </div>
        ))}
      </dl>
      {status === 'done' && <WhenDone view={view} csrf={csrf} />}
    </section>
  );
}

/** What can be done with a run that is done. */
function WhenDone({ view: { record, artifact, plan, comparisons }, csrf }: { view: RunView; csrf: string }) {
  const { id } = record;
  const isScorer = artifact?.kind === 'reward-model';
  return (
    <div className="actions">
      {plan?.gate_sha256 ? (
        <form method="post" action={runPath(id, '/compare')}>
          <Csrf csrf={csrf} />
          <button type="submit" className={comparisons.length > 0 ? 'quiet' : ''}>
            {comparisons.length > 0 ? 'Compare it again' : 'Compare it'}
          </button>
        </form>
      ) : (
        <a className="button" href={newComparisonPath(id)}>
          Compare it
        </a>
      )}
      {plan?.gate_sha256 && <a href={gatePath(record.recipe_file, id)}>Change its gate first</a>}
      {!isScorer && (
        <a className="button" href={chatPath(id)}>
          Chat with it
        </a>
      )}
      <a className="button" href={servePath(id)}>
        Serve it
      </a>
    </div>
  );
}

function Actions({ id, status, csrf }: { id: string; status: JobStatus; csrf: string }) {
  const action =
    status === 'stopping' ? null : isActive(status) ? 'stop' : ['stopped', 'failed', 'lost'].includes(status) ? 'resume' : null;
  if (!action) return null;
  return (
    <form method="post" action={runPath(id, `/${action}`)}>
      <Csrf csrf={csrf} />
      <button type="submit">{action === 'stop' ? 'Stop, with a checkpoint' : 'Resume'}</button>
    </form>
  );
}
