/** Differences below each other on one axis: a dot for the estimate, a line for its bounds, and a mark for the margin. */
import type { ReactNode } from 'react';
import { type Metric, metricModule } from '../../protocol/metrics/metrics.js';
import type { Decision, Interval } from '../../protocol/verdict.js';
import { DecisionBadge } from './small-parts.js';

export interface PlottedInterval {
  key: string;
  /** Left of the drawing. */
  name: ReactNode;
  /** For those who do not see the drawing. */
  spoken: string;
  difference: Interval;
  margin: number;
  decision: Decision;
}

interface IntervalPlotProps {
  caption: ReactNode;
  metric: Metric;
  rows: PlottedInterval[];
  /** Values that the axis holds beside those of the rows, so that two drawings can be compared. */
  spanned?: number[];
}

export function IntervalPlot({ caption, metric, rows, spanned = [] }: IntervalPlotProps) {
  const own = rows.flatMap(({ difference, margin }) => [difference.low, difference.high, margin]);
  const axis = axisOf(metric, [...own, ...spanned]);
  const at = (value: number) => `${((Math.min(axis.high, Math.max(axis.low, value)) - axis.low) / (axis.high - axis.low)) * 100}%`;
  const written = writtenIn(metric);
  return (
    <figure className="forest">
      {rows.map(({ key, name, spoken, difference, margin, decision }) => (
        <div className="forest-row" key={key}>
          <div className="forest-name">{name}</div>
          <svg
            width="100%"
            height="34"
            role="img"
            aria-label={`${spoken}: ${written(difference.estimate)}, from ${written(difference.low)} to ${written(difference.high)}; margin ${written(margin)}`}
          >
            <line className="axis" x1={at(0)} x2={at(0)} y1="0" y2="34" />
            <line className="margin" x1={at(margin)} x2={at(margin)} y1="0" y2="34" />
            <line className={`bounds ${decision}`} x1={at(difference.low)} x2={at(difference.high)} y1="17" y2="17" />
            <line className={`bounds ${decision}`} x1={at(difference.low)} x2={at(difference.low)} y1="11" y2="23" />
            <line className={`bounds ${decision}`} x1={at(difference.high)} x2={at(difference.high)} y1="11" y2="23" />
            <circle className={`estimate ${decision}`} cx={at(difference.estimate)} cy="17" r="6" />
          </svg>
          <div className="forest-figures">
            <strong>{written(difference.estimate)}</strong>
            <span className="muted">
              {written(difference.low)} to {written(difference.high)}
            </span>
            <DecisionBadge decision={decision} />
          </div>
        </div>
      ))}
      <div className="forest-row" aria-hidden="true">
        <div className="forest-name" />
        <svg width="100%" height="18" role="img" aria-label="scale">
          {axis.ticks.map((tick, index) => (
            <text key={tick} x={at(tick)} y="13" textAnchor={index === 0 ? 'start' : index === axis.ticks.length - 1 ? 'end' : 'middle'}>
              {written(tick)}
            </text>
          ))}
        </svg>
        <div className="forest-figures" />
      </div>
      <figcaption>{caption}</figcaption>
    </figure>
  );
}

/** A difference without the unit, which the caption has. */
export function writtenIn(metric: Metric): (value: number) => string {
  const { amount } = metricModule(metric);
  return (value) => amount(value).replace('-', '−').replace(' points', '');
}

/** Round ends that hold zero, the margin and every bound. */
function axisOf(metric: Metric, values: number[]): { low: number; high: number; ticks: number[] } {
  const finite = values.filter((value) => Math.abs(value) < 1e6);
  const step = metricModule(metric).axis_step;
  const low = Math.floor(Math.min(0, ...finite) / step) * step;
  const high = Math.max(low + step, Math.ceil(Math.max(0, ...finite) / step) * step);
  const count = Math.round((high - low) / step);
  const every = Math.ceil(count / 4) * step;
  const ticks = Array.from({ length: Math.floor((high - low) / every + 1e-9) + 1 }, (_, index) => low + index * every);
  return { low, high, ticks };
}
