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

export const Build = z.strictObject({
  kind: z.enum(['gguf-lora']),
  file: HashedFile,
  source_sha256: z.string().describe('of artifact.json'),
  converter: z.string(),
  parity: z.strictObject({
    float32: ParityFigures,
    served: ParityFigures,
    served_mean_limit_nats: z.number(),
    problems: z.array(z.string()).describe('empty: the gate passed'),
  }),
});
export type Build = z.infer<typeof Build>;
