/** The two that matter, side by side: what each is, what the checks say, what it costs. */
import type { ReactNode } from 'react';
import type { Review } from '../../../protocol/review.js';
import { DecisionBadge } from '../../parts/small-parts.js';
import type { ComparePageProps, ShownCandidate } from './compare-page-props.js';
import { pitchOf, settingsOf } from './describe-candidate.js';

export function CandidateCards({ candidates, gate }: ComparePageProps) {
  return (
    <section aria-label="The candidates" className="cards">
      {candidates.slice(0, 2).map((shown, index) => (
        <Card key={shown.candidate.name} shown={shown} currency={gate.currency} role={index === 0 ? 'Challenger' : 'Strongest baseline'} />
      ))}
    </section>
  );
}

function Card({ shown, currency, role }: { shown: ShownCandidate; currency: string; role: string }) {
  const { candidate, figures, reviews, erased_at } = shown;
  const panel = panelOf(reviews);
  return (
    <article className="card">
      <header>
        <span className="avatar" aria-hidden="true">
          {candidate.name.charAt(0).toUpperCase()}
        </span>
        <div>
          <p className="eyebrow">{role}</p>
          <h2>{candidate.name}</h2>
        </div>
        <DecisionBadge decision={panel.badge} />
      </header>
      <p>
        {pitchOf(candidate)}
        {erased_at !== null && `, erased on ${erased_at.slice(0, 10)}`}
      </p>
      <dl className="figures">
        <Fact name="Checks" note="checks say ship">
          {panel.num_ship} of {panel.num}
        </Fact>
        {figures.cost_per_million_tokens !== null && (
          <Fact name="Cost per 1M tokens" note={`${currency}, measured here`}>
            {figures.cost_per_million_tokens.toFixed(2)}
          </Fact>
        )}
        {candidate.constant !== undefined && (
          <Fact name="Cost per 1M tokens" note="nothing is computed">
            0.00
          </Fact>
        )}
      </dl>
      <p className="muted small">{settingsOf(candidate).join(' · ')}</p>
      {figures.num_rows === 0 && <p className="note">It has answered no row yet.</p>}
    </article>
  );
}

function Fact({ name, note, children }: { name: string; note: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <strong>{children}</strong>
        <span className="muted small">{note}</span>
      </dd>
    </div>
  );
}

/** Ship from three quarters on, skip up to a quarter, mixed between. */
function panelOf(reviews: Review[]): { num: number; num_ship: number; badge: 'ship' | 'mixed' | 'skip' } {
  const num = reviews.length;
  const num_ship = reviews.filter(({ stance }) => stance === 'ship').length;
  const share = num === 0 ? 0 : num_ship / num;
  return { num, num_ship, badge: share >= 0.75 ? 'ship' : share <= 0.25 ? 'skip' : 'mixed' };
}

export function checksText(reviews: Review[]): string {
  const { num, num_ship } = panelOf(reviews);
  return `${num_ship} of ${num} checks say ship`;
}
