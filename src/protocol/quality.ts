/** What a candidate's answers were worth, in the figures that the gate's kind of answer has. Pure functions. */
import { type Metric, metricModule, metricsOfKind } from './metrics/metrics.js';
import { milliseconds, percent } from './units.js';
import type { CandidateFigures, GuardrailVerdict, Interval } from './verdict.js';

/** Each guardrail in words, and how its figure is written. */
export const GUARDRAIL_TEXTS: Record<GuardrailVerdict['guardrail'], { name: string; show: (value: number) => string }> = {
  valid_json: { name: 'valid JSON, at least', show: percent },
  time_to_first_token_ms: { name: 'median time to first token, at most', show: milliseconds },
  forgetting_nats: { name: 'loss on everyday answers a token, at most', show: (value) => `${value.toFixed(3)} nats` },
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
  // Of metrics of one kind some are not measured: a reward model is there or not, and so are pairs.
  const shown = metricsOfKind(metric).filter((one) => one === metric || figures[one] !== null);
  return shown.map((one) => {
    const { heading, is_count, range, figure } = metricModule(one);
    const value = figures[one] ?? null;
    const count = is_count && value !== null ? `${Math.round(value * figures.num_rows)} of ${figures.num_rows} = ` : '';
    return {
      name: heading,
      text: value === null ? '—' : count + figure(value),
      share: range ? value : null,
      interval: (is_count && figures[`${one}_wilson` as 'accuracy_wilson']) || null,
    };
  });
}
