/** A run as it is served: its folder, and how far its quantised answers may be from the trained model by its own recipe. */
import type { ServedRun } from '../run/serve-models.js';
import { DEFAULT_SERVED_MEAN_LIMIT } from '../run/weights/build-adapter.js';
import { runFiles } from '../store/home.js';
import { readRecipe } from '../tune/read-recipe.js';

export function servedRun(folder: string): ServedRun {
  const { parity } = readRecipe(runFiles(folder).recipe).recipe;
  return { folder, served_mean_limit: parity?.served_mean_nats ?? DEFAULT_SERVED_MEAN_LIMIT };
}
