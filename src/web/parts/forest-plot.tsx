/** The challenger's lead over baselines. */
import { metricModule } from '../../protocol/metrics/metrics.js';
import type { BaselineVerdict, Verdict } from '../../protocol/verdict.js';
import { IntervalPlot, writtenIn } from './interval-plot.js';

interface ForestPlotProps {
  verdict: Verdict;
  /** Those that are drawn; the axis is that of all. */
  baselines: BaselineVerdict[];
  /** Baselines that are no models: a line to see. */
  constants: string[];
  caption: string;
}

export function ForestPlot({ verdict, baselines, constants, caption }: ForestPlotProps) {
  const { margin, metric, challenger } = verdict;
  return (
    <IntervalPlot
      caption={caption}
      metric={metric}
      spanned={verdict.baselines.flatMap(({ difference }) => [difference.low, difference.high])}
      rows={baselines.map(({ baseline, difference, decision, num_rows, num_groups }) => ({
        key: baseline,
        name: (
          <>
            <strong>{baseline}</strong>
            <span className="muted">
              {constants.includes(baseline) ? 'no model: a line to beat' : `${num_rows} rows, ${num_groups} groups`}
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

/** What is drawn, and how it is read. */
export function forestCaption({ challenger, metric, margin }: Verdict): string {
  const { unit } = metricModule(metric);
  return `${challenger} minus the baseline, ${unit === 'points' ? 'points of the test rows' : unit}; dashed: the margin, ${writtenIn(metric)(margin)}.`;
}

export function boundsText({ planned_attempts }: Verdict): string {
  const confidence = Math.round((1 - 0.05 / planned_attempts) * 10_000) / 100;
  return `A line holds the true difference with ${confidence} % confidence; all of it has to be right of the margin.`;
}
