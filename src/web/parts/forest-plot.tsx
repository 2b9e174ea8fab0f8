/** The challenger's lead over each baseline. */
import { metricModule } from '../../protocol/metrics/metrics.js';
import type { Verdict } from '../../protocol/verdict.js';
import { IntervalPlot, writtenIn } from './interval-plot.js';

export function ForestPlot({ verdict }: { verdict: Verdict }) {
  const { baselines, margin, metric, challenger, planned_attempts } = verdict;
  const { unit } = metricModule(metric);
  const confidence = Math.round((1 - 0.05 / planned_attempts) * 10_000) / 100;
  const caption = `${challenger} minus each baseline, ${unit === 'points' ? 'points of the test rows' : unit}. The line holds the true difference with ${confidence} % confidence; all of it has to be right of the dashed margin (${writtenIn(metric)(margin)}).`;
  return (
    <IntervalPlot
      caption={caption}
      metric={metric}
      rows={baselines.map(({ baseline, difference, decision, num_rows, num_groups }) => ({
        key: baseline,
        name: (
          <>
            <strong>{baseline}</strong>
            <span className="muted">
              {num_rows} rows, {num_groups} groups
            </span>
          </>
        ),
        spoken: `${challenger} minus ${baseline}`,
        difference,
        margin,
        decision,
      }))}
    />
  );
}
