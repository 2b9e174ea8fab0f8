/** A setting of a recipe as a field of a form. */
export interface SettingField {
  path: string;
  /** As the recipe writes it; empty: the default. */
  value: string;
  description: string;
  default_text: string;
  /** Why this default; empty where it needs none. */
  reason: string;
  /** All values there are; null: it is written. */
  choices: string[] | null;
  /** People change it first; the others are folded. */
  is_first: boolean;
}
