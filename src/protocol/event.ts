/** What the worker appends to events.jsonl, one line each. `seq` has no gap; no number is NaN or infinite. */
import { z } from 'zod';

/** Figures of one method beside the common ones, by the name that its trainer logs. */
const metrics = z.record(z.string(), z.number());

const base = { seq: z.int().min(0), at: z.iso.datetime({ offset: true }) };

export const ModuleClass = z.enum([
  'attention',
  'mlp',
  'shared expert',
  'routed experts',
  'router',
  'embeddings',
  'head',
  'norm',
  'vision',
]);
export type ModuleClass = z.infer<typeof ModuleClass>;

export const ModuleCoverage = z.strictObject({
  module_class: ModuleClass,
  num_parameters: z.int(),
  num_reached_parameters: z.int().describe('of the weights that training changes: they carry an adapter, or are trained themselves'),
  num_trained_parameters: z.int(),
});
export type ModuleCoverage = z.infer<typeof ModuleCoverage>;

export const Event = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('phase'), ...base, name: z.string(), share: z.number().min(0).max(1).optional() }),
  z.strictObject({
    type: z.literal('run-start'),
    ...base,
    num_steps: z.int(),
    start_step: z.int(),
    coverage: z.array(ModuleCoverage),
    versions: z.record(z.string(), z.string()),
  }),
  z.strictObject({
    type: z.literal('step-end'),
    ...base,
    step: z.int(),
    loss: z.number(),
    learning_rate: z.number(),
    grad_norm: z.number(),
    num_tokens: z.int(),
    tokens_per_second: z.number(),
    memory_bytes: z.int(),
    metrics,
    seconds_left: z.number(),
  }),
  z.strictObject({
    type: z.literal('worst-batch'),
    ...base,
    num_tokens: z.int().describe('places in the batch of the longest rows, padding included'),
    memory_bytes: z.int().describe('peak after its forward and backward pass'),
    forecast_bytes: z.int(),
  }),
  z.strictObject({ type: z.literal('eval-end'), ...base, step: z.int(), loss: z.number(), is_best: z.boolean(), metrics }),
  z.strictObject({
    type: z.literal('sample'),
    ...base,
    step: z.int(),
    prompt: z.string(),
    answer: z.string(),
    expected: z.string(),
  }),
  z.strictObject({ type: z.literal('checkpoint-save'), ...base, step: z.int(), folder: z.string() }),
  z.strictObject({ type: z.literal('run-end'), ...base, step: z.int().optional(), reason: z.enum(['done', 'stopped']) }),
  z.strictObject({
    type: z.literal('run-error'),
    ...base,
    code: z.string(),
    data: z.record(z.string(), z.union([z.string(), z.number()])),
  }),
]);
export type Event = z.infer<typeof Event>;
