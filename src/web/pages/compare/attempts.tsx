/** How often these rows were judged on: a seed that was picked from several shows as what it is. */
import { metricModule } from '../../../protocol/metrics/metrics.js';
import type { Verdict } from '../../../protocol/verdict.js';
import { FoldingTable } from '../../parts/folding-table.js';
import { IntervalPlot, type PlottedInterval } from '../../parts/interval-plot.js';
import { DecisionBadge, Time } from '../../parts/small-parts.js';
import { comparisonIdPath } from '../../paths.js';
import type { ComparePageProps, ShownAttempt } from './compare-page-props.js';

export function Attempts({ id, attempts, gates, verdicts, ledger, approvals, hasLinks }: ComparePageProps & { hasLinks: boolean }) {
  const verdict = verdicts[0] as Verdict;
  const { planned_attempts: planned, metric } = verdict;
  const drawn = attempts.filter((attempt) => attempt.metric === metric);
  const others = attempts.filter((attempt) => attempt.metric !== metric);
  const later = attempts.length - verdict.attempt;
  return (
    <section className="no-print">
      <h2>Attempts on these rows</h2>
      <p>
        This is attempt {verdict.attempt}; {planned} {planned === 1 ? 'was' : 'were'} planned
        {planned > 1 && `, each judged at ${Math.round((1 - 0.05 / planned) * 10_000) / 100} %`}
        {later > 0 && `, and ${later} came after it`}. Another seed, recipe, margin or gate counts as a further attempt while the base, a
        baseline and a row are the same; beyond the plan a verdict is hold at best. Fresh rows start anew:{' '}
        <code className="command">slipway fresh-test RECIPE</code>
      </p>
      <IntervalPlot
        caption={`Each attempt’s lead over its strongest baseline, the first first, ${metricModule(metric).unit}. The dashed mark is the margin of its gate.`}
        metric={metric}
        rows={drawn.map((attempt) => plotted(attempt, { id, challenger: verdict.challenger, hasLinks }))}
      />
      {others.length > 0 && (
        <ul className="plain">
          {others.map(({ comparison, challenger, at, metric: other, decision, strongest }) => (
            <li key={`${comparison} ${challenger}`}>
              <Time at={at} />, {metricModule(other).words}: {metricModule(other).amount(strongest.difference.estimate)} over{' '}
              {strongest.baseline} <DecisionBadge decision={decision} />
            </li>
          ))}
        </ul>
      )}
      {new Set(gates.map(({ gate_sha256 }) => gate_sha256)).size > 1 && <Gates gates={gates} />}
      <h3>Ledger and approval</h3>
      <p>
        The head of this home’s ledger, {ledger.num_lines} lines, is <code className="hash">{ledger.head}</code>. Keep it: who has seen it
        can tell later whether anything before it was changed, with{' '}
        <code className="command">
          slipway verify {id} --ledger-head {ledger.head.slice(0, 16)}
        </code>
      </p>
      {approvals.length === 0 ? (
        <p className="muted">
          Nobody has approved this verdict: <code className="command">slipway approve {id} --as NAME</code>
        </p>
      ) : (
        <ul className="plain">
          {approvals.map(({ at, name, key }) => (
            <li key={`${at} ${name}`}>
              ✓ Approved by <strong>{name}</strong> <Time at={at} />, signed with key <code>{key}</code>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** @param of the page that it is drawn on */
function plotted(attempt: ShownAttempt, of: { id: string; challenger: string; hasLinks: boolean }): PlottedInterval {
  const { id, challenger, hasLinks } = of;
  const { comparison, attempt: number, at, strongest, margin, decision, would_be, is_erased } = attempt;
  const isThis = comparison === id && attempt.challenger === challenger;
  return {
    key: `${comparison} ${attempt.challenger}`,
    name: (
      <>
        <strong>
          {number}. {isThis && 'this one'}
          {!isThis && !is_erased && (hasLinks ? <a href={comparisonIdPath(comparison)}>{comparison}</a> : comparison)}
          {is_erased && 'erased'}
        </strong>
        <span className="muted">
          <Time at={at} /> · over {strongest.baseline}
          {would_be === 'ship' && ' · beyond the plan: it would have shipped'}
        </span>
      </>
    ),
    spoken: `attempt ${number} over ${strongest.baseline}`,
    difference: strongest.difference,
    margin,
    decision,
  };
}

function Gates({ gates }: Pick<ComparePageProps, 'gates'>) {
  const firstOf = gates.filter(({ gate_sha256 }, index) => gates.findIndex((gate) => gate.gate_sha256 === gate_sha256) === index);
  return (
    <>
      <p>The gate was changed between attempts. The plan is that of the first.</p>
      <FoldingTable
        label="Gates on these rows"
        heads={['gate', 'fixed', 'metric', 'margin', 'attempts planned']}
        rows={firstOf.map(({ gate_sha256, at, metric, margin, looks }) => ({
          key: gate_sha256,
          cells: [
            <code key="gate">{gate_sha256.slice(0, 16)}…</code>,
            <Time key="fixed" at={at} />,
            metricModule(metric).words,
            metricModule(metric).amount(margin),
            looks,
          ],
        }))}
      />
    </>
  );
}
