/** The small things that several pages show: times, badges, statuses, bars, empty states. */
import type { ReactNode } from 'react';
import type { JobStatus } from '../../protocol/run.js';
import type { Decision } from '../../protocol/verdict.js';

/** In UTC as it is sent; web/client/local-times.ts puts it into the reader's zone. */
export function Time({ at }: { at: string }) {
  return (
    <time dateTime={at} data-local>
      {at.slice(0, 16).replace('T', ' ')} UTC
    </time>
  );
}

const DECISIONS: Record<Decision, { icon: string; text: string }> = {
  ship: { icon: '✓', text: 'Ship' },
  skip: { icon: '✗', text: 'Skip' },
  hold: { icon: '…', text: 'Hold' },
};

export function DecisionBadge({ decision, large = false }: { decision: Decision | 'mixed'; large?: boolean }) {
  const { icon, text } = decision === 'mixed' ? { icon: '±', text: 'Mixed' } : DECISIONS[decision];
  return (
    <span className={`badge ${decision}${large ? ' large' : ''}`}>
      <span aria-hidden="true">{icon}</span> {text}
    </span>
  );
}

/** In place of a verdict whose files are not as they were recorded. */
export function ChangedBadge() {
  return (
    <span className="badge status-failed">
      <span aria-hidden="true">!</span> changed
    </span>
  );
}

const STATUSES: Record<JobStatus, string> = {
  preparing: '○',
  starting: '◌',
  running: '●',
  stopping: '◧',
  done: '✓',
  stopped: '■',
  failed: '✗',
  lost: '?',
};

export function StatusBadge({ status }: { status: JobStatus }) {
  return (
    <span className={`badge status-${status}`}>
      <span aria-hidden="true">{STATUSES[status]}</span> {status}
    </span>
  );
}

/** What is passed over in a list: it is damaged, or another version of Slipway wrote it. */
export function Unreadable({ ids }: { ids: string[] }) {
  if (ids.length === 0) return null;
  return <p className="muted small">Not listed, since it is damaged or another version of Slipway wrote it: {ids.join(', ')}.</p>;
}

/** A share as a bar, 0 to 1, with the interval drawn over it where there is one. */
export function ShareBar({ share, interval, label }: { share: number; interval?: { low: number; high: number } | null; label: string }) {
  const at = (value: number) => `${(Math.min(1, Math.max(0, value)) * 100).toFixed(2)}%`;
  return (
    <svg className="share-bar" width="100%" height="12" role="img" aria-label={label}>
      <rect className="track" width="100%" height="12" rx="3" />
      <rect className="fill" width={at(share)} height="12" rx="3" />
      {interval && <line className="whisker" x1={at(interval.low)} x2={at(interval.high)} y1="6" y2="6" />}
    </svg>
  );
}

export function Empty({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** A table that scrolls sideways by itself, so that the page does not; reachable by keyboard. */
export function WideTable({ label, children }: { label: string; children: ReactNode }) {
  return (
    <section className="wide" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}

/** An error with its hint. `alert` where it came after the reader did something. */
export function Problem({ message, hint, alert = false }: { message: string; hint: string; alert?: boolean }) {
  return (
    <div className="problem" {...(alert ? { role: 'alert' } : {})}>
      <p>
        <strong className="lines">{message}</strong>
      </p>
      <Hint hint={hint} />
    </div>
  );
}

/** A hint of the catalogue; what stands between backticks is to be typed. */
function Hint({ hint }: { hint: string }) {
  return (
    <p>
      What to do:{' '}
      {hint.split('`').map((part, index) => {
        const key = `${index} ${part}`;
        return index % 2 === 1 ? <code key={key}>{part}</code> : <span key={key}>{part}</span>;
      })}
    </p>
  );
}

/** The hidden fields of a form that changes something. */
export function Csrf({ csrf }: { csrf: string }) {
  return <input type="hidden" name="csrf" value={csrf} />;
}
