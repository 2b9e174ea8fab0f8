/** One or two curves over steps: lines drawn to scale, axes in plain text so that they stay readable at any width. */

export interface Point {
  step: number;
  value: number;
}

interface CurveProps {
  title: string;
  unit?: string;
  line: Point[];
  /** Few values that are drawn as dots, such as dev losses. */
  dots?: Point[];
  dots_name?: string;
  num_steps: number;
  /** Zero is part of the picture. */
  from_zero?: boolean;
  show: (value: number) => string;
}

/** More points than a screen has columns of pixels add nothing. */
const MAX_POINTS = 400;

export function Curve({ title, unit = '', line, dots = [], dots_name = 'last dev loss', num_steps, from_zero = true, show }: CurveProps) {
  const values = [...line, ...dots].map(({ value }) => value);
  const last = line.at(-1);
  const lastDot = dots.at(-1);
  const low = from_zero ? Math.min(0, ...values) : Math.min(...values);
  const high = Math.max(...values, low + 1e-9);
  const x = (step: number) => ((step / Math.max(1, num_steps)) * 100).toFixed(2);
  const y = (value: number) => ((1 - (value - low) / (high - low)) * 100).toFixed(2);
  const drawn = thinned(line);
  return (
    <figure className="curve">
      <figcaption>
        <strong>{title}</strong>
        {last ? (
          <span>
            <span className="key line" aria-hidden="true" /> {show(last.value)}
            {unit && ` ${unit}`}
            {lastDot && (
              <>
                {' '}
                <span className="key dots" aria-hidden="true" /> {dots_name} {show(lastDot.value)}
              </>
            )}
          </span>
        ) : (
          <span className="muted">no step yet</span>
        )}
      </figcaption>
      <div className="plot">
        <div className="y-axis" aria-hidden="true">
          <span>{values.length > 0 ? show(high) : ''}</span>
          <span>{values.length > 0 ? show(low) : ''}</span>
        </div>
        <svg
          viewBox="0 0 100 100"
          preserveAspectRatio="none"
          role="img"
          aria-label={
            last
              ? `${title}: ${show(line[0]?.value ?? 0)} at step ${line[0]?.step}, ${show(last.value)} at step ${last.step} of ${num_steps}`
              : `${title}: nothing yet`
          }
        >
          {[25, 50, 75].map((height) => (
            <line key={height} className="grid" x1="0" x2="100" y1={height} y2={height} />
          ))}
          {drawn.length > 0 && <polyline className="line" points={drawn.map(({ step, value }) => `${x(step)},${y(value)}`).join(' ')} />}
          {dots.map(({ step, value }) => (
            <path key={step} className="dot" d={`M${x(step)} ${y(value)}h0`} />
          ))}
        </svg>
        <div className="x-axis" aria-hidden="true">
          <span>step 0</span>
          <span>{num_steps}</span>
        </div>
      </div>
    </figure>
  );
}

/** Evenly spaced points of a long line, the last one among them. */
function thinned(points: Point[]): Point[] {
  if (points.length <= MAX_POINTS) return points;
  return Array.from({ length: MAX_POINTS }, (_, i) => points[Math.round((i * (points.length - 1)) / (MAX_POINTS - 1))] as Point);
}
