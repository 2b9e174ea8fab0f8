/** Each reviewer's word on the two that matter, every sentence with the figure it rests on. */
import type { Review, ReviewSentence } from '../../../protocol/review.js';
import { DecisionBadge } from '../../parts/small-parts.js';
import type { ComparePageProps } from './compare-page-props.js';

export function Scorecard({ reviewers, candidates }: ComparePageProps) {
  const shown = candidates.slice(0, 2);
  return (
    <section className="no-print">
      <h2>Reviewer scorecard</h2>
      <p className="muted">
        These reviewers are rules, not people: software that reads the evidence and has not used the models. Each says skip as soon as one
        of its checks fails.
      </p>
      {reviewers.map((reviewer) => (
        <article className="reviewer" key={reviewer.id}>
          <header>
            <h3>{reviewer.name}</h3>
            <p>
              <q>{reviewer.motto}</q> <span className="muted">Looks at {reviewer.lens}.</span>
            </p>
          </header>
          <div className="columns">
            {shown.map(({ candidate, reviews }) => {
              const review = reviews.find((one) => one.reviewer === reviewer.id);
              return review && <Word key={candidate.name} review={review} />;
            })}
          </div>
        </article>
      ))}
    </section>
  );
}

function Word({ review }: { review: Review }) {
  const held = review.sentences.filter(({ holds }) => holds).length;
  return (
    <div className="word">
      <p>
        <strong>{review.candidate}</strong> <DecisionBadge decision={review.stance} />{' '}
        <span className="muted small">
          {held} of {review.sentences.length} hold
        </span>
      </p>
      <ul className="checks">
        {review.sentences.map((one) => (
          <li key={one.text} className={one.holds ? 'holds' : 'fails'}>
            <span aria-hidden="true">{one.holds ? '✓' : '✗'}</span>
            <span className="sr-only">{one.holds ? 'holds:' : 'fails:'}</span> <Sentence sentence={one} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The figure stands out in its sentence. */
function Sentence({ sentence: { text, figure } }: { sentence: ReviewSentence }) {
  const at = text.indexOf(figure);
  return (
    <span>
      {text.slice(0, at)}
      <strong>{figure}</strong>
      {text.slice(at + figure.length)}
    </span>
  );
}
