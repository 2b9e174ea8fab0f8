/** The recipe with every value resolved, and where each came from. Written once per attempt, read by the worker. */
import { z } from 'zod';
import { ModuleCoverage } from './event.js';
import { METHOD_NAMES, METHODS, type Method } from './methods/methods.js';
import { ValueSource } from './methods/setting.js';
import { type PlannedValues, plannedValues, settingsOf } from './methods/settings-table.js';
import { RecipeData } from './recipe.js';

export const Device = z.enum(['cpu', 'cuda']);

export const ParentArtifact = z.strictObject({
  run: z.string(),
  folder: z.string().describe('absolute path of its artifact'),
  sha256: z.string().describe('of artifact.json'),
});
export type ParentArtifact = z.infer<typeof ParentArtifact>;

export const PlannedModel = z.strictObject({
  id: z.string(),
  folder: z.string().describe('absolute path of the model folder'),
  sha256: z.string().describe('of the file that was trained against'),
  quantization: z.string(),
  num_parameters: z.int(),
  adapter: ParentArtifact.nullable().describe('the run whose adapter is on it'),
});
export type PlannedModel = z.infer<typeof PlannedModel>;

/** What a plan of any method has. */
const BasePlan = z.strictObject({
  models: z.strictObject({
    policy: PlannedModel.describe('what is trained'),
    reference: PlannedModel.optional(),
    reward: PlannedModel.optional(),
  }),
  data: z.strictObject({
    asked: RecipeData,
    num_train_rows: z.int(),
    num_dev_rows: z.int(),
    num_test_rows: z.int(),
    train_sha256: z.string(),
    dev_sha256: z.string().nullable(),
    test_sha256: z.string().nullable(),
    num_train_tokens: z.int(),
    longest_row_tokens: z.int(),
    heaviest_batch_tokens: z.int().describe('computed in the heaviest batch that can meet'),
    computed_share: z.number().describe('share of the tokens of train rows that is computed; the rest is shared by rows of a batch'),
  }),
  gate_sha256: z.string().nullable().describe('of the gate that the recipe names, as it was'),
  parity: z.strictObject({ served_mean_nats: z.number() }).describe('largest mean difference of what is served from what was trained'),
  device: Device,
  sources: z.record(
    z.string().describe("a setting's path in the recipe"),
    z.strictObject({ source: ValueSource, why: z.string().optional() }),
  ),
  forecast: z.strictObject({
    num_steps: z.int(),
    num_trained_parameters: z.int(),
    memory_bytes: z.int(),
    disk_bytes: z.int(),
    duration_s: z.number().nullable().describe('null where no speed was measured: on a GPU'),
  }),
  coverage: z.array(ModuleCoverage).describe('what will be trained, from the config alone; the worker stops where it measures another'),
  resume_from: z.string().nullable().describe('the checkpoint folder from which this attempt continues'),
});
type BasePlan = z.infer<typeof BasePlan>;

/** A union by method; `values` has the shape that TRL and PEFT take: `SFTConfig(**training)`, `LoraConfig(**lora)`. */
export type MethodValues = { [M in Method]: { method: M; values: PlannedValues<(typeof METHODS)[M]['settings']> } }[Method];
export type Plan = BasePlan & MethodValues;
export type PlanValues = Plan['values'];

const members = METHOD_NAMES.map((method) =>
  z.strictObject({ method: z.literal(method), ...BasePlan.shape, values: plannedValues(METHODS[method].settings) }),
);
export const Plan = z.discriminatedUnion('method', members as [(typeof members)[number]]) as unknown as z.ZodType<Plan>;

/** Each value of a plan with its path in the recipe and its source, in the order of the method's table. */
export function planRows({ method, values, sources }: Plan): { path: string; value: string; source: string; why: string }[] {
  return settingsOf(METHODS[method].settings).map(({ group, name, path }) => {
    const value = (values[group] as Record<string, unknown>)[name];
    const from = sources[path];
    return { path, value: Array.isArray(value) ? value.join(' ') : String(value), source: from?.source ?? '', why: from?.why ?? '' };
  });
}
