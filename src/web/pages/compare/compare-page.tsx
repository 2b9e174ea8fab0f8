/** The verdict as a page: which one to ship, how that is known, and what is not known. */
import { metricModule } from '../../../protocol/metrics/metrics.js';
import { points } from '../../../protocol/units.js';
import type { BaselineVerdict, Verdict } from '../../../protocol/verdict.js';
import { Layout } from '../../layout.js';
import { ForestPlot } from '../../parts/forest-plot.js';
import { DecisionBadge, Time, WideTable } from '../../parts/small-parts.js';
import { slugPath } from '../../paths.js';
import { Attempts } from './attempts.js';
import { CandidateCards } from './candidate-cards.js';
import type { ComparePageProps } from './compare-page-props.js';
import { DecisionTable } from './decision-table.js';
import { Examples } from './examples.js';
import { GuardrailTable } from './guardrail-table.js';
import { HowMade } from './how-made.js';
import { Scorecard } from './scorecard.js';

export function ComparePage(props: ComparePageProps) {
  const { frame, verdicts, candidates, slug, others, id } = props;
  const verdict = verdicts[0] as Verdict;
  const [challenger, strongest] = candidates.map(({ candidate }) => candidate.name) as [string, string];
  return (
    <Layout frame={frame} title={`${challenger} vs ${strongest}`} section="comparisons">
      <nav aria-label="Breadcrumb" className="breadcrumb">
        <a href="/comparisons">Comparisons</a> / {challenger} vs {strongest}
      </nav>
      <p className="eyebrow">Model comparison</p>
      <h1>
        {challenger} <span className="vs">vs</span> {strongest}
      </h1>
      <p className="lede">
        Which one should you ship with? The gate’s verdict, the evidence row by row, what each costs, and what was not measured.
      </p>
      <section className={`verdict ${verdict.decision}`} aria-label="Verdict">
        <div className="verdict-head">
          <DecisionBadge decision={verdict.decision} large />
          <p>
            <strong>{sentenceOf(verdict)}</strong>
            <span className="muted">
              Decided by measured evidence alone, machine evidence only: no person has voted. Judged <Time at={verdict.at} />, attempt{' '}
              {verdict.attempt} on these rows, {verdict.planned_attempts} planned.
            </span>
          </p>
        </div>
        <ForestPlot verdict={verdict} />
        {verdict.caveats.map((text) => (
          <p className="note" key={text}>
            {text.charAt(0).toUpperCase() + text.slice(1)}.
          </p>
        ))}
        {verdict.is_noninferiority && <p className="note">This gate asks only whether it is not much worse: its margin is below zero.</p>}
      </section>
      <CandidateCards {...props} />
      <DecisionTable {...props} />
      <GuardrailTable verdict={verdict} />
      <Attempts {...props} />
      <Scorecard {...props} />
      <Examples examples={props.examples} rule={props.example_rule} challenger={challenger} />
      <HowMade {...props} />
      {verdicts.length > 1 && <OtherWay verdict={verdicts[1] as Verdict} />}
      {others.length > 0 && (
        <section>
          <h2>Other comparisons of these two</h2>
          <ul>
            {others.map((other) => (
              <li key={other}>
                <a href={slugPath(slug, other)}>{other}</a>
              </li>
            ))}
          </ul>
        </section>
      )}
      <p className="muted small">
        This page: <code>{id}</code>
      </p>
    </Layout>
  );
}

function sentenceOf(verdict: Verdict): string {
  return `${verdict.challenger}: ${verdict.because.replaceAll(verdict.metric, metricModule(verdict.metric).words)}.`;
}

function OtherWay({ verdict }: { verdict: Verdict }) {
  return (
    <section>
      <h2>The other way round</h2>
      <p>
        <DecisionBadge decision={verdict.decision} /> {sentenceOf(verdict)}
      </p>
      <WideTable label="Differences the other way round">
        <table>
          <thead>
            <tr>
              <th scope="col">{verdict.challenger} minus</th>
              <th scope="col">points</th>
              <th scope="col">from</th>
              <th scope="col">to</th>
            </tr>
          </thead>
          <tbody>
            {verdict.baselines.map(({ baseline, difference }: BaselineVerdict) => (
              <tr key={baseline}>
                <th scope="row">{baseline}</th>
                <td>{points(difference.estimate)}</td>
                <td>{points(difference.low)}</td>
                <td>{points(difference.high)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </WideTable>
    </section>
  );
}
