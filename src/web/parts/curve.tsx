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
  /** The same of other runs, drawn thinner behind it. */
  others?: { name: string; line: Point[] }[];
  /** Tenfold is as far as tenfold; values of zero and below are left out. */
  is_log?: boolean;
  /** What stands under the pointer is told (web/client/crosshair.ts). */
  has_crosshair?: boolean;
  show: (value: number) => string;
}

/** More points than a screen has columns of pixels add nothing. */
const MAX_POINTS = 400;

export function Curve(props: CurveProps) {
  const {
    title,
    unit = '',
    dots_name = 'last dev loss',
    num_steps,
    from_zero = true,
    others = [],
    is_log = false,
    has_crosshair = false,
    show,
  } = props;
  const drawable = (points: Point[]) => (is_log ? points.filter(({ value }) => value > 0) : points);
  const [line, dots] = [drawable(props.line), drawable(props.dots ?? [])];
  const behind = others.map(({ name, line: other }) => ({ name, line: drawable(other) }));
  const scaled = (value: number) => (is_log ? Math.log10(value) : value);
  const values = [...line, ...dots, ...behind.flatMap((other) => other.line)].map(({ value }) => value);
  const last = line.at(-1);
  const lastDot = dots.at(-1);
  const low = from_zero && !is_log ? Math.min(0, ...values) : Math.min(...values);
  const high = Math.max(...values, low + 1e-9);
  const most = Math.max(num_steps, ...behind.map((other) => other.line.at(-1)?.step ?? 0), 1);
  const x = (step: number) => ((step / most) * 100).toFixed(2);
  const y = (value: number) => ((1 - (scaled(value) - scaled(low)) / (scaled(high) - scaled(low))) * 100).toFixed(2);
  const path = (points: Point[]) =>
    thinned(points)
      .map(({ step, value }) => `${x(step)},${y(value)}`)
      .join(' ');
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
          {...(has_crosshair
            ? { 'data-crosshair': JSON.stringify(drawn.map(({ step, value }) => [step, show(value)])), 'data-most': most }
            : {})}
          aria-label={
            last
              ? `${title}: ${show(line[0]?.value ?? 0)} at step ${line[0]?.step}, ${show(last.value)} at step ${last.step} of ${num_steps}`
              : `${title}: nothing yet`
          }
        >
          {[25, 50, 75].map((height) => (
            <line key={height} className="grid" x1="0" x2="100" y1={height} y2={height} />
          ))}
          {behind.map(({ name, line: other }, index) => (
            <polyline key={name} className={`line other other-${index}`} points={path(other)} />
          ))}
          {drawn.length > 0 && <polyline className="line own" points={path(line)} />}
          {dots.map(({ step, value }) => (
            <path key={step} className="dot" d={`M${x(step)} ${y(value)}h0`} />
          ))}
        </svg>
        <div className="x-axis" aria-hidden="true">
          <span>step 0</span>
          <span>{most}</span>
        </div>
      </div>
      {behind.length > 0 && (
        <p className="small legend">
          {behind.map(({ name, line: other }, index) => (
            <span key={name}>
              <span className={`key line other-${index}`} aria-hidden="true" /> {name}
              {other.length > 0 && ` ${show((other.at(-1) as Point).value)}`}
            </span>
          ))}
        </p>
      )}
    </figure>
  );
}

/** Evenly spaced points of a long line, the last one among them. */
function thinned(points: Point[]): Point[] {
  if (points.length <= MAX_POINTS) return points;
  return Array.from({ length: MAX_POINTS }, (_, i) => points[Math.round((i * (points.length - 1)) / (MAX_POINTS - 1))] as Point);
}
