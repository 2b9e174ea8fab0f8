/** How often these rows were judged on: a seed that was picked from several shows as what it is. */
import { metricModule } from '../../../protocol/metrics/metrics.js';
import type { Verdict } from '../../../protocol/verdict.js';
import { IntervalPlot, type PlottedInterval } from '../../parts/interval-plot.js';
import { DecisionBadge, Time, WideTable } from '../../parts/small-parts.js';
import { comparisonIdPath } from '../../paths.js';
import type { ComparePageProps, ShownAttempt } from './compare-page-props.js';

export function Attempts({ id, attempts, gates, verdicts, ledger, approvals }: ComparePageProps) {
  const verdict = verdicts[0] as Verdict;
  const { planned_attempts: planned, metric } = verdict;
  const drawn = attempts.filter((attempt) => attempt.metric === metric);
  const others = attempts.filter((attempt) => attempt.metric !== metric);
  const later = attempts.length - verdict.attempt;
  return (
    <section>
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
        rows={drawn.map((attempt) => plotted(attempt, id, verdict.challenger))}
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

function plotted(attempt: ShownAttempt, id: string, challenger: string): PlottedInterval {
  const { comparison, attempt: number, at, strongest, margin, decision, would_be, is_erased } = attempt;
  const isThis = comparison === id && attempt.challenger === challenger;
  return {
    key: `${comparison} ${attempt.challenger}`,
    name: (
      <>
        <strong>
          {number}. {isThis && 'this one'}
          {!isThis && !is_erased && <a href={comparisonIdPath(comparison)}>{comparison}</a>}
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
      <WideTable label="Gates on these rows">
        <table>
          <thead>
            <tr>
              <th scope="col">gate</th>
              <th scope="col">fixed</th>
              <th scope="col">metric</th>
              <th scope="col">margin</th>
              <th scope="col">attempts planned</th>
            </tr>
          </thead>
          <tbody>
            {firstOf.map(({ gate_sha256, at, metric, margin, looks }) => (
              <tr key={gate_sha256}>
                <th scope="row">
                  <code>{gate_sha256.slice(0, 16)}…</code>
                </th>
                <td>
                  <Time at={at} />
                </td>
                <td>{metricModule(metric).words}</td>
                <td>{metricModule(metric).amount(margin)}</td>
                <td>{looks}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </WideTable>
    </>
  );
}
