/** Every setting of a method resolved: from the command line, else the recipe, else the table's default. A pure function. */
import type { DefaultFacts, DefaultValue } from '../../protocol/methods/setting.js';
import { type SettingsTable, settingsOf } from '../../protocol/methods/settings-table.js';
import type { Plan } from '../../protocol/plan.js';
import type { LoadedRecipe } from '../read-recipe.js';

export interface ResolvedSettings {
  /** The value at a path of the recipe, as a recipe writes it. */
  value: <T>(path: string) => T;
  sources: Plan['sources'];
}

/** @param given values that neither recipe nor default decide, by path: those of an adapter that is trained further */
export function resolveSettings(
  table: SettingsTable,
  loaded: LoadedRecipe,
  facts: Omit<DefaultFacts, 'value' | 'num_steps'> & { num_train_rows: number },
  given: Record<string, DefaultValue<unknown>> = {},
): ResolvedSettings {
  const resolved = new Map<string, DefaultValue<unknown>>();
  const entries = new Map(settingsOf(table).map((entry) => [entry.path, entry]));
  const resolve = (path: string): DefaultValue<unknown> => {
    const known = resolved.get(path);
    if (known) return known;
    const found = given[path] ?? said(path) ?? entries.get(path)?.setting.default.of(ofDefaults);
    if (!found) throw new Error(`no setting ${path}`);
    resolved.set(path, found);
    return found;
  };
  const said = (path: string): DefaultValue<unknown> | null => {
    if (path in loaded.command_line) return { value: loaded.command_line[path], source: 'command line' };
    const asked = valueAt(loaded.recipe, path);
    return asked === undefined ? null : { value: asked, source: 'recipe' };
  };
  const value = <T>(path: string) => resolve(path).value as T;
  const ofDefaults: DefaultFacts = { ...facts, value, num_steps: () => numSteps(facts.num_train_rows, value) };
  for (const path of entries.keys()) resolve(path);
  const sources = Object.fromEntries([...resolved].map(([path, { source, why }]) => [path, { source, ...(why ? { why } : {}) }]));
  return { value, sources };
}

/** Optimizer steps of the whole run. */
export function numSteps(numRows: number, value: <T>(path: string) => T): number {
  const rowsPerStep =
    value<number>('per_device_train_batch_size') * value<number>('gradient_accumulation_steps') * value<number>('num_processes');
  return Math.ceil(Math.ceil(numRows / rowsPerStep) * value<number>('num_train_epochs'));
}

function valueAt(settings: object, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], settings);
}
