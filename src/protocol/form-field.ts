/** A value of a YAML file as a field of a form. */
export interface FormField {
  /** In the file, such as `lora.r`. */
  path: string;
  /** In plain words; null: it is called by its path. */
  label: string | null;
  /** As the file writes it; empty: it does not. */
  value: string;
  /** What it does, and what is taken where nothing is written. */
  help: string;
  placeholder: string;
  /** All values there are; null: it is written. */
  choices: Choice[] | null;
  /** People change it first; the others are folded. */
  is_first: boolean;
}

export interface Choice {
  value: string;
  text: string;
  /** A sentence; empty where the text says it. */
  meaning: string;
  /** Those of one group stand together, under its name. */
  group?: string;
}
