/** What a reward model has learnt: how often the better answer has the higher score, and whether it goes by length. */
import { signed } from '../../../protocol/metrics/metric.js';
import { lengthBiasText } from '../../../protocol/preference-figures.js';
import { percent } from '../../../protocol/units.js';
import { PreferenceCurves } from './preferences.js';
import type { RunView } from './run-view.js';

export function RewardModel({ view }: { view: RunView }) {
  const { reward, artifact } = view;
  const figures = artifact?.reward ?? null;
  const bias = figures && lengthBiasText(figures);
  return (
    <section>
      <h2>Rewards</h2>
      {reward ? (
        <p>
          On dev, at step {reward.step}: of <strong>{percent(reward.accuracy)}</strong> of {reward.num_rows} pairs the better answer has the
          higher reward (95 %: {percent(reward.interval.low)} to {percent(reward.interval.high)}).
          {figures?.length_correlation != null && (
            <> The correlation of reward with answer length is {signed(figures.length_correlation, 2)}.</>
          )}
          {figures && figures.num_matched_pairs > 0 && (
            <>
              {' '}
              Of {figures.num_matched_pairs} pairs whose answers are about equally long, {figures.num_right_matched} are right.
            </>
          )}
        </p>
      ) : (
        <p className="muted">Figures on dev rows appear with the first dev loss.</p>
      )}
      {bias && (
        <p className="warning" role="note">
          Look here: {bias}.
        </p>
      )}
      <p className="muted">
        The margin is the better answer’s reward less the worse one’s. A reward has no unit: rewards of answers to one prompt can be
        compared, and others where <code>center_rewards_coefficient</code> holds them around zero.
      </p>
      <PreferenceCurves view={view} />
      <ScoredPairs pairs={view.scored_pairs} />
    </section>
  );
}

function ScoredPairs({ pairs }: { pairs: RunView['scored_pairs'] }) {
  if (pairs.length === 0) return null;
  return (
    <>
      <h3>The first dev pairs</h3>
      {pairs.map(({ prompt, answers }) => {
        const [better, worse] = answers as [(typeof answers)[number], (typeof answers)[number]];
        const isRight = better.reward > worse.reward;
        return (
          <article className="example" key={prompt}>
            <p className="question">{prompt}</p>
            <dl className="before-after">
              {[better, worse].map(({ answer, reward }) => (
                <div key={answer} className={isRight ? 'right' : 'wrong'}>
                  <dt>
                    {answer === better.answer ? 'Better answer' : 'Worse answer'}, reward <strong>{signed(reward, 2)}</strong>
                  </dt>
                  <dd>{answer}</dd>
                </div>
              ))}
            </dl>
          </article>
        );
      })}
    </>
  );
}
