/** What the worker appends to events.jsonl, one line each. `seq` has no gap; no number is NaN or infinite. */
import { z } from 'zod';

const base = { seq: z.int().min(0), at: z.iso.datetime({ offset: true }) };

export const ModuleCoverage = z.strictObject({
  module_class: z.enum(['attention', 'mlp', 'embeddings', 'head', 'norm', 'other']),
  num_parameters: z.int(),
  num_adapted_parameters: z.int().describe('parameters of the weights that carry an adapter'),
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
    seconds_left: z.number(),
  }),
  z.strictObject({ type: z.literal('eval-end'), ...base, step: z.int(), loss: z.number() }),
  z.strictObject({
    type: z.literal('sample'),
    ...base,
    step: z.int(),
    prompt: z.string(),
    answer: z.string(),
    expected: z.string(),
  }),
  z.strictObject({ type: z.literal('checkpoint-save'), ...base, step: z.int(), folder: z.string() }),
  z.strictObject({ type: z.literal('run-end'), ...base, step: z.int(), reason: z.enum(['done', 'stopped']) }),
  z.strictObject({
    type: z.literal('run-error'),
    ...base,
    code: z.string(),
    data: z.record(z.string(), z.union([z.string(), z.number()])),
  }),
]);
export type Event = z.infer<typeof Event>;
