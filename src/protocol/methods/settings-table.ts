/** A method's settings by group, and what is derived from such a table: the recipe's part, the plan's part, paths. */
import { z } from 'zod';
import type { Setting } from './setting.js';

type Group = Record<string, Setting>;

/**
 * `training` is what the trainer's config takes (TRL), `lora` what LoraConfig takes (PEFT), `model` how the weights are
 * held and computed with, `run` all else. In a recipe `lora` is written under its own key, the others at the top.
 */
export interface SettingsTable {
  model: Group;
  run: Group;
  training: Group;
  lora: Group;
}
export type GroupName = keyof SettingsTable;

type AskedOf<G> = { [N in keyof G]?: G[N] extends Setting<infer A, infer _P> ? A | undefined : never };
type PlannedOf<G> = { [N in keyof G]: G[N] extends Setting<infer _A, infer P> ? P : never };

/** Settings as a recipe writes them. */
export type AskedSettings<T extends SettingsTable> = AskedOf<T['model'] & T['run'] & T['training']> & {
  lora?: AskedOf<T['lora']> | undefined;
};
/** Values as a plan holds them. */
export type PlannedValues<T extends SettingsTable> = { [G in keyof T]: PlannedOf<T[G]> };

export interface SettingEntry {
  group: GroupName;
  name: string;
  /** Where it is in a recipe, such as `learning_rate` or `lora.r`. */
  path: string;
  setting: Setting;
}

const GROUPS: GroupName[] = ['model', 'training', 'lora', 'run'];

export function settingsOf(table: SettingsTable): SettingEntry[] {
  return GROUPS.flatMap((group) =>
    Object.entries(table[group]).map(([name, setting]) => ({ group, name, path: group === 'lora' ? `lora.${name}` : name, setting })),
  );
}

/** The settings' part of a recipe's schema. */
export function askedShape(table: SettingsTable): Record<string, z.ZodType> {
  const optional = (group: Group) =>
    Object.fromEntries(Object.entries(group).map(([name, { schema, description }]) => [name, schema.describe(description).optional()]));
  const { lora, ...flat } = table;
  return { ...Object.assign({}, ...Object.values(flat).map(optional)), lora: z.strictObject(optional(lora)).optional() };
}

/** The schema of a plan's `values`. */
export function plannedValues(table: SettingsTable): z.ZodType {
  const whole = (group: Group) => z.strictObject(Object.fromEntries(Object.entries(group).map(([name, { planned }]) => [name, planned])));
  return z.strictObject(Object.fromEntries(Object.entries(table).map(([name, group]) => [name, whole(group)])));
}
