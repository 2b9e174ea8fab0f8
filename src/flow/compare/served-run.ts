/** A run as it is served: its folder, and how far its quantised answers may be from the trained model, by its plan. */
import type { ServedRun } from '../../run/serve-models.js';
import { homeOf } from '../../store/home.js';
import { environmentFiles } from '../../tune/environment.js';
import { readPlan } from '../../tune/read-plan.js';

export function servedRun(folder: string): ServedRun {
  const { python } = environmentFiles(homeOf(folder));
  return { folder, served_mean_limit: readPlan(folder).parity.served_mean_nats, python };
}
