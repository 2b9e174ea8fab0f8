/** One setting of a training method: its type and bounds, its default with the reason, and its description. */
import { z } from 'zod';

export const ValueSource = z.enum(['recipe', 'command line', 'model', 'data', 'machine', 'default']);
export type ValueSource = z.infer<typeof ValueSource>;

/** What a default may depend on. */
export interface DefaultFacts {
  num_parameters: number;
  has_dev_rows: boolean;
  longest_row_tokens: number;
  /** Of labelled answers, how many were good and bad; null: rows have no labels. */
  labels: { good: number; bad: number } | null;
  num_cores: number;
  /** Trained on GPUs: this machine has them, or the recipe asks for them. */
  has_gpu: boolean;
  /** GPUs that the recipe asks for; null: it does not. */
  num_gpus_asked: number | null;
  /** Optimizer steps of the whole run. */
  num_steps: () => number;
  /** The value of another setting, by its path in the recipe. */
  value: <T>(path: string) => T;
}

export interface DefaultValue<A> {
  value: A;
  source: ValueSource;
  why?: string;
}

export interface Setting<A = unknown, P = A> {
  /** The value as a recipe writes it. */
  schema: z.ZodType<A>;
  /** The value as the plan holds it, where it is resolved further: warm-up in steps, names of layers. */
  planned: z.ZodType<P>;
  description: string;
  default: {
    /** As docs/settings.md shows it. */
    text: string;
    of: (facts: DefaultFacts) => DefaultValue<A>;
  };
  /** Why this default: a paper, a library, a measurement. */
  reason: string;
}

interface Parts<A, P> {
  schema: z.ZodType<A>;
  planned: z.ZodType<P>;
  description: string;
  default: Setting<A, P>['default'];
  reason?: string;
}

export function setting<A>(parts: Omit<Parts<A, A>, 'planned'>): Setting<A> {
  return { planned: parts.schema, reason: '', ...parts };
}

/** A setting that the plan holds in another type than the recipe. */
export function resolvedSetting<A, P>(parts: Parts<A, P>): Setting<A, P> {
  return { reason: '', ...parts };
}

/** The same default everywhere. */
export function always<A>(value: A): Setting<A>['default'] {
  return { text: Array.isArray(value) && value.length === 0 ? 'none' : String(value), of: () => ({ value, source: 'default' }) };
}
