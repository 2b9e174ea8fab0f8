/** What the model answered to dev prompts while it was trained. */
import type { RunView, Sample } from './run-view.js';

export function Samples({ view: { samples, plan } }: { view: RunView }) {
  // A reward model answers nothing.
  if (plan?.method === 'reward') return null;
  const prompts = [...new Set(samples.map(({ prompt }) => prompt))];
  return (
    <section>
      <h2>Samples</h2>
      {samples.length === 0 && <p className="muted">The first sample appears with the first dev loss.</p>}
      {prompts.map((prompt) => {
        const ofPrompt = samples.filter((sample) => sample.prompt === prompt);
        return (
          <article className="example" key={prompt}>
            <p className="question">{prompt}</p>
            <dl className={ofPrompt[0]?.step === 0 ? 'before-after' : ''}>
              <div className="reference">
                <dt>Reference</dt>
                <dd>{ofPrompt[0]?.expected}</dd>
              </div>
              {beforeAndAfter(ofPrompt).map(({ step, answer, expected }) => (
                <div key={step} className={answer.trim() === expected.trim() ? 'right' : ''}>
                  <dt>
                    {step === 0 ? 'before training' : `step ${step}`}
                    {answer.trim() === expected.trim() && <span className="mark"> ✓ the reference</span>}
                  </dt>
                  <dd>{answer === '' ? <em className="muted">an empty answer</em> : answer}</dd>
                </div>
              ))}
            </dl>
          </article>
        );
      })}
    </section>
  );
}

/** Where there is an answer from before training, it stands beside the last: what came between would part them. */
function beforeAndAfter(samples: Sample[]): Sample[] {
  return samples.some(({ step }) => step === 0) ? [samples[0], samples.at(-1)].flatMap((sample) => sample ?? []) : samples;
}
