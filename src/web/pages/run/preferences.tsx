/** What a run on preferences has learnt: which answers have become likelier, and by how much. */
import { fallingText } from '../../../protocol/preference-figures.js';
import { percent } from '../../../protocol/units.js';
import { Curve } from '../../parts/curve.js';
import type { RunView } from './run-view.js';

/** Names of TRL's trainers, and of the worker's own figures, with what they are called here. */
const CURVES: { name: string; title: string; unit?: string; digits: number }[] = [
  { name: 'rewards/accuracies', title: 'Pairs on the right side', digits: 2 },
  { name: 'rewards/margins', title: 'Margin', digits: 2 },
  { name: 'rewards/chosen', title: 'Better answers', digits: 2 },
  { name: 'rewards/rejected', title: 'Worse answers', digits: 2 },
  { name: 'logps/chosen', title: 'Better, log-prob.', unit: 'nats', digits: 1 },
  { name: 'logps/rejected', title: 'Worse, log-prob.', unit: 'nats', digits: 1 },
  { name: 'token_kl', title: 'Distance', digits: 3 },
];

export const PREFERENCE_METRICS = CURVES.map(({ name }) => name);

export function Preferences({ view }: { view: RunView }) {
  const { curves, preference } = view;
  if (!CURVES.some(({ name }) => (curves.metrics[name] ?? []).length > 0)) return null;
  const falling = preference && fallingText(preference);
  return (
    <section>
      <h2>Preferences</h2>
      {preference ? (
        <p>
          On dev, at step {preference.step}:{' '}
          {preference.accuracy !== null && preference.interval && (
            <>
              of <strong>{percent(preference.accuracy)}</strong> of {preference.num_rows} pairs the better answer has gained more than the
              worse one (95 %: {percent(preference.interval.low)} to {percent(preference.interval.high)}).{' '}
            </>
          )}
          A better answer is {changeText(preference.chosen_change)}, a worse one {changeText(preference.rejected_change)}.
        </p>
      ) : (
        <p className="muted">Figures on dev rows appear with the first dev loss.</p>
      )}
      {falling && (
        <p className="warning" role="note">
          Look here: {falling}.
        </p>
      )}
      <p className="muted">
        Before training all rewards are 0: a reward is beta times the change of an answer’s log-probability, and the margin is the better
        answer’s less the worse one’s. The distance is how far the model has moved from where it began, in nats a token of these answers.
      </p>
      <PreferenceCurves view={view} />
    </section>
  );
}

export function PreferenceCurves({ view: { curves, num_steps } }: { view: RunView }) {
  return (
    <div className="small-curves">
      {CURVES.filter(({ name }) => (curves.metrics[name] ?? []).length > 0).map(({ name, title, unit = '', digits }) => (
        <Curve
          key={name}
          title={title}
          unit={unit}
          line={curves.metrics[name] ?? []}
          dots={curves.dev_metrics[name] ?? []}
          dots_name="dev"
          num_steps={num_steps}
          from_zero={!name.startsWith('logps')}
          show={(value) => figure(value, digits)}
        />
      ))}
    </div>
  );
}

/** In words: e to the change is how many times as likely. */
function changeText(nats: number): string {
  const amount = `${Math.abs(nats).toFixed(2)} nats`;
  return nats >= 0 ? `${amount} likelier than before` : `${amount} less likely than before`;
}

function figure(value: number, digits: number): string {
  return value
    .toFixed(digits)
    .replace(/^-(?=0\.?0*$)/, '')
    .replace('-', '−');
}
