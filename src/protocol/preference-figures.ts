/** What the figures of a preference run say, by the names that TRL logs them under. Pure functions. */
import type { RewardFigures } from './artifact.js';

/** Of a dev pass, or of a step. */
export interface PreferenceFigures {
  /** Share of pairs whose better answer has gained more; null: rows are no pairs. */
  accuracy: number | null;
  /** Change of an answer's log-probability since before training, nats, on average. */
  chosen_change: number;
  rejected_change: number;
}

/** Null for figures of another method. @param beta of the recipe: a reward is beta times the change */
export function preferenceFigures(metrics: Record<string, number>, beta: number): PreferenceFigures | null {
  const [chosen, rejected] = [metrics['rewards/chosen'], metrics['rewards/rejected']];
  if (chosen === undefined || rejected === undefined) return null;
  return { accuracy: metrics['rewards/accuracies'] ?? null, chosen_change: chosen / beta, rejected_change: rejected / beta };
}

/** Why a person should look; null: the better answers have not become less likely. */
export function fallingText({ chosen_change }: Pick<PreferenceFigures, 'chosen_change'>): string | null {
  if (chosen_change >= 0) return null;
  return `the better answers are less likely than before training, by ${(-chosen_change).toFixed(2)} nats each: read the samples; a smaller learning rate, a larger beta or fewer epochs hold them`;
}

/** Cohen calls a correlation of one half large (Statistical Power Analysis, 1988, section 3.2.1). */
const LARGE_CORRELATION = 0.5;

/** Why a person should look at a reward model; null: its rewards do not go by length. */
export function lengthBiasText({ length_correlation }: Pick<RewardFigures, 'length_correlation'>): string | null {
  if (length_correlation === null || Math.abs(length_correlation) < LARGE_CORRELATION) return null;
  const which = length_correlation > 0 ? 'longer' : 'shorter';
  return `${which} answers tend to get the higher rewards: add pairs whose better answer is not the ${which} one, and look at the pairs of equal length`;
}
