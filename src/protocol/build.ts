/** A file derived from an artifact, with the figures that say whether it may be served. */
import { z } from 'zod';
import { HashedFile } from './artifact.js';

export const ParityFigures = z.strictObject({
  base_type: z.string().describe('quantisation of the base it was measured on'),
  num_rows: z.int(),
  num_tokens: z.int(),
  num_rows_other_ids: z.int().describe('rows whose messages became other token ids'),
  mean_nats: z.number().describe('mean absolute difference of log-probabilities'),
  worst_nats: z.number(),
  adapter_change_nats: z.number().describe('mean absolute difference with and without the adapter'),
});
export type ParityFigures = z.infer<typeof ParityFigures>;

/** One line of parity.jsonl: what llama.cpp makes of a conversation of the reference. */
export const ParityLine = z.strictObject({
  measured: z.enum(['float32', 'served']).describe('on which base'),
  row: z.int().min(0).describe('in parity-reference.jsonl'),
  has_same_ids: z.boolean().describe('false: its messages became other token ids, and were not scored'),
  logprobs: z.array(z.number()),
  base_logprobs: z.array(z.number()).describe('without the adapter; empty where that was not measured'),
});
export type ParityLine = z.infer<typeof ParityLine>;

export const Build = z.strictObject({
  kind: z.enum(['gguf-lora']),
  file: HashedFile,
  source_sha256: z.string().describe('of artifact.json'),
  converter: z.string(),
  parity: z.strictObject({
    float32: ParityFigures,
    served: ParityFigures,
    trained: ParityFigures.optional().describe('what is served against the 4-bit model that was trained'),
    raw: HashedFile.describe('what the figures are made from: they are made again before each use'),
  }),
});
export type Build = z.infer<typeof Build>;
