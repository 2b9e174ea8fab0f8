/** What changes while it trains. */
import { count, gigabytes } from '../../../protocol/units.js';
import { Curve } from '../../parts/curve.js';
import { PREFERENCE_METRICS } from './preferences.js';
import type { RunView } from './run-view.js';

export function Curves({ view: { curves, num_steps, worst_batch, beside, is_log } }: { view: RunView }) {
  const others = (of: 'loss' | 'grad_norm') => beside.map((other) => ({ name: other.name, line: other[of] }));
  return (
    <section>
      <h2>Curves</h2>
      <Curve
        title="Loss"
        line={curves.loss}
        dots={curves.dev_loss}
        num_steps={num_steps}
        others={others('loss')}
        is_log={is_log}
        has_crosshair
        show={(value) => value.toFixed(4)}
      />
      <div className="small-curves">
        <Curve
          title="Speed"
          unit="tokens/s"
          line={curves.tokens_per_second}
          num_steps={num_steps}
          show={(value) => count(Math.round(value))}
        />
        <Curve
          title="Learning rate"
          line={curves.learning_rate}
          num_steps={num_steps}
          show={(value) => (value === 0 ? '0' : value.toExponential(1))}
        />
        <Curve
          title="Gradient norm"
          line={curves.grad_norm}
          num_steps={num_steps}
          others={others('grad_norm')}
          is_log={is_log}
          show={(value) => value.toFixed(2)}
        />
        <Curve title="Memory" line={curves.memory_bytes} num_steps={num_steps} show={gigabytes} />
        {Object.entries(curves.metrics)
          .filter(([name]) => !PREFERENCE_METRICS.includes(name))
          .map(([name, line]) => (
            <Curve key={name} title={metricTitle(name)} line={line} num_steps={num_steps} show={(value) => value.toPrecision(3)} />
          ))}
      </div>
      {worst_batch && (
        <p className="muted">
          The longest rows were tried before step 1: {count(worst_batch.num_tokens)} tokens in one batch,{' '}
          {gigabytes(worst_batch.memory_bytes)} of memory at the peak, {gigabytes(worst_batch.forecast_bytes)} forecast.
        </p>
      )}
    </section>
  );
}

/** `mean_token_accuracy` → `Mean token accuracy`. */
function metricTitle(name: string): string {
  const words = name.replaceAll(/[_/]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
