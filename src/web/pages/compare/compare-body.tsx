/** What a comparison says, on its page and in the report that is sent to others. What decides stands first. */
import { answerKind } from '../../../protocol/metrics/metrics.js';
import type { BaselineVerdict, Verdict } from '../../../protocol/verdict.js';
import { boundsText, ForestPlot, forestCaption } from '../../parts/forest-plot.js';
import { DecisionBadge, Time } from '../../parts/small-parts.js';
import { comparisonIdPath, reportPath } from '../../paths.js';
import { Attempts } from './attempts.js';
import { CandidateCards } from './candidate-cards.js';
import type { ComparePageProps } from './compare-page-props.js';
import { DecisionTable } from './decision-table.js';
import { Examples } from './examples.js';
import { GuardrailTable } from './guardrail-table.js';
import { HowMade } from './how-made.js';
import { OtherWay } from './other-way.js';
import { RowSummary } from './row-summary.js';
import { Scorecard } from './scorecard.js';
import { sentenceOf } from './verdict-sentence.js';

/** @param hasLinks false in a file that stands alone */
export function CompareBody({ hasLinks, ...props }: ComparePageProps & { hasLinks: boolean }) {
  const { id, verdicts, candidates, num_test_rows, data, conclusion } = props;
  const verdict = verdicts[0] as Verdict;
  const [challenger, strongest] = candidates.map(({ candidate }) => candidate.name) as [string, string];
  const [leading, ...others] = verdict.baselines as [BaselineVerdict, ...BaselineVerdict[]];
  const constants = candidates.flatMap(({ candidate }) => (candidate.constant === undefined ? [] : [candidate.name]));
  const did = answerKind(verdict.metric) === 'score' ? 'scored' : 'answered';
  return (
    <>
      <h1>
        {challenger} <span className="vs">vs</span> {strongest}
      </h1>
      <p className="lede">
        Should {challenger} go live in place of {strongest}? Both {did} the same {num_test_rows} test rows
        {data === null ? '' : `, from ${data}`}.
      </p>
      <section className={`verdict ${verdict.decision}`} aria-label="Verdict">
        <div className="verdict-head">
          <DecisionBadge decision={verdict.decision} large />
          <p>
            <strong>{sentenceOf(verdict)}</strong>
            {conclusion !== null && <span>Both ways together: {conclusion}.</span>}
          </p>
        </div>
        <ForestPlot verdict={verdict} baselines={[leading]} constants={constants} caption={forestCaption(verdict)} />
        <Costs {...props} />
        <p>
          <strong>Not measured:</strong> {notMeasured(props)}. <span className="muted">Nobody has voted.</span>
        </p>
        {others.length > 0 && (
          <>
            <h2 className="small">Against the other baselines</h2>
            <ForestPlot verdict={verdict} baselines={others} constants={constants} caption={boundsText(verdict)} />
          </>
        )}
        {verdict.caveats.map((text) => (
          <p className="note" key={text}>
            {text.charAt(0).toUpperCase() + text.slice(1)}.
          </p>
        ))}
        {verdict.is_noninferiority && <p className="note">This gate asks only whether it is not much worse: its margin is below zero.</p>}
        <p className="muted small">
          Decided by measured evidence alone. Judged <Time at={verdict.at} />, attempt {verdict.attempt} on these rows,{' '}
          {verdict.planned_attempts} planned.
        </p>
      </section>
      {hasLinks && (
        <p className="actions no-print">
          <a className="button" href={comparisonIdPath(id, '/rows')}>
            See all {num_test_rows} rows
          </a>
          <a href={reportPath(id, false)}>Download report</a>
          <a href={reportPath(id, true)}>with all rows</a>
          <a href={comparisonIdPath(id, '/rows.csv')}>Rows as CSV</a>
        </p>
      )}
      <CandidateCards {...props} />
      <DecisionTable {...props} />
      <GuardrailTable verdict={verdict} />
      <RowSummary {...props} hasLinks={hasLinks} />
      <Scorecard {...props} />
      <Examples {...props} challenger={challenger} baseline={strongest} />
      <Attempts {...props} hasLinks={hasLinks} />
      <HowMade {...props} />
      {verdicts.length > 1 && <OtherWay verdict={verdicts[1] as Verdict} />}
    </>
  );
}

/** Of the two that matter; nothing where nothing was timed. */
function Costs({ candidates, gate }: ComparePageProps) {
  const costs = candidates.slice(0, 2).flatMap(({ candidate, figures }) => {
    const { cost_per_million_tokens: cost } = figures;
    return cost === null ? [] : [`${candidate.name} ${cost.toFixed(2)} ${gate.currency}`];
  });
  if (costs.length === 0) return null;
  return (
    <p>
      <strong>Cost per 1M tokens:</strong> {costs.join(', ')}.
    </p>
  );
}

/** In one line; the section at the end says more. */
function notMeasured({ verdicts, gate }: ComparePageProps): string {
  const verdict = verdicts[0] as Verdict;
  const isScorer = answerKind(verdict.metric) === 'score';
  return [
    ...verdict.not_measured,
    ...(isScorer || gate.guardrails.forgetting_nats !== undefined ? [] : ['what it has forgotten']),
    'rows of another kind',
    'several callers at a time',
  ].join('; ');
}
