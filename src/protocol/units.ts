/** Figures as people read them, the same on the terminal and on the page: always with their unit. Pure functions. */
import { signed } from './metrics/metric.js';

export { percent } from './metrics/metric.js';

/** A difference of shares, with its sign. */
export function points(share: number): string {
  return signed(share * 100, 1);
}

export function duration(exactSeconds: number): string {
  const seconds = Math.max(0, Math.round(exactSeconds));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function milliseconds(value: number): string {
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(2)} s`;
}

export function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** A moment in the reader's time zone, as ISO 8601 writes it, to the minute. */
export function localTime(at: string): string {
  return new Date(at).toLocaleString('sv-SE', { dateStyle: 'short', timeStyle: 'short' });
}
