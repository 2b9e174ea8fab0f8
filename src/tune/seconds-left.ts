/** How long a run will still train. A pure function. */
import type { Plan } from '../protocol/plan.js';
import type { RunProgress } from './fold-events.js';

/**
 * In seconds: as the last step has it, before the first step what the plan forecasts. After the last step nothing is known.
 * @param spent seconds since it was started; null before the first event
 */
export function secondsLeft(
  forecast: Pick<Plan['forecast'], 'num_steps' | 'duration_s'> | null,
  { steps }: Pick<RunProgress, 'steps'>,
  spent: number | null,
): number | null {
  const last = steps.at(-1);
  if (last) return last.step < (forecast?.num_steps ?? 0) ? last.seconds_left : null;
  const whole = forecast?.duration_s ?? null;
  return whole === null ? null : Math.max(0, whole - (spent ?? 0));
}
