/** Figures as people read them, the same on the terminal and on the page: always with their unit. Pure functions. */
import type { Metric } from './gate.js';

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** A difference of shares, with its sign. */
export function points(share: number): string {
  return `${sign(share)}${Math.abs(share * 100).toFixed(1)}`;
}

export const METRIC_WORDS: Record<Metric, string> = {
  exact_match: 'exact records',
  exact_fields: 'right fields',
  valid_json: 'valid JSON',
  accuracy: 'right labels',
  reference_logprob: 'log-probability of the reference answer',
};

/** A difference in a metric's own unit: points, or nats a token. */
export function metricAmount(metric: Metric, value: number): string {
  if (metric !== 'reference_logprob') return `${(value * 100).toFixed(1)} points`;
  return Math.abs(value) > 1e6 ? 'unbounded' : `${sign(value)}${Math.abs(value).toFixed(2)} nats a token`;
}

export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.max(0, Math.round(seconds))} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
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

function sign(value: number): string {
  return value >= 0 ? '+' : '−';
}
