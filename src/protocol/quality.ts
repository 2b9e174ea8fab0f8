/** What a candidate's answers were worth, in the figures that the gate's kind of answer has. Pure functions. */
import { answerKind, type Metric } from './gate.js';
import { milliseconds, percent } from './units.js';
import type { CandidateFigures, GuardrailVerdict, Interval } from './verdict.js';

/** Each guardrail in words, and how its figure is written. */
export const GUARDRAIL_TEXTS: Record<GuardrailVerdict['guardrail'], { name: string; show: (value: number) => string }> = {
  valid_json: { name: 'valid JSON, at least', show: percent },
  time_to_first_token_ms: { name: 'median time to first token, at most', show: milliseconds },
  forgetting_nats: { name: 'forgetting a token, at most', show: (value) => `${value.toFixed(3)} nats` },
};

export interface QualityFigure {
  name: string;
  text: string;
  /** For a drawing, 0 to 1; null where there is no share. */
  share: number | null;
  interval: Interval | null;
}

/** The figure of the gate's own metric first. */
export function qualityFigures(metric: Metric, figures: CandidateFigures): QualityFigure[] {
  const share = (name: string, value: number | undefined, interval: Interval | undefined): QualityFigure => ({
    name,
    text: value === undefined ? '—' : percent(value),
    share: value ?? null,
    interval: interval ?? null,
  });
  const counted = (name: string, value: number | undefined, interval: Interval | undefined): QualityFigure => ({
    ...share(name, value, interval),
    text: value === undefined ? '—' : `${Math.round(value * figures.num_rows)} of ${figures.num_rows} = ${percent(value)}`,
  });
  switch (answerKind(metric)) {
    case 'record': {
      const all = [
        counted('exact records', figures.exact_match, figures.exact_match_wilson),
        share('fields', figures.exact_fields, undefined),
        share('valid JSON', figures.valid_json, undefined),
      ];
      const first = { exact_match: 0, exact_fields: 1, valid_json: 2 }[metric as 'exact_match'];
      return [all[first] as QualityFigure, ...all.filter((_, index) => index !== first)];
    }
    case 'label':
      return [counted('right labels', figures.accuracy, figures.accuracy_wilson)];
    case 'text': {
      const value = figures.reference_logprob ?? null;
      const text = value === null ? '—' : `${value.toFixed(2).replace('-', '−')} nats`;
      return [{ name: 'reference answer, a token', text, share: null, interval: null }];
    }
  }
}
