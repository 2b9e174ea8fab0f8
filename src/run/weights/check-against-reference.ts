/** A run of full fine-tuning leaves its own reference beside the weights: what is made of them must be the trained model. */
import { existsSync } from 'node:fs';
import { ggufServing } from '../../model/families/serving.js';
import { readGguf } from '../../model/gguf/read.js';
import { ParityReference } from '../../protocol/artifact.js';
import { AppError } from '../../protocol/errors.js';
import { readLines } from '../../store/files.js';
import { artifactFiles } from '../../store/home.js';
import { contextFor } from './measure-adapter.js';
import { float32Problems, measureParity, parityFigures } from './parity.js';

/** Does nothing for a folder without a reference. @throws AppError parity-failed */
export async function checkAgainstReference(folder: string, float32Gguf: string): Promise<void> {
  const file = artifactFiles(folder).parityReference;
  if (!existsSync(file)) return;
  const references = readLines(file, ParityReference);
  const { chat_template } = ggufServing(await readGguf(float32Gguf));
  const context_length = contextFor(Math.max(...references.map(({ token_ids }) => token_ids.length)));
  const engine = { gguf: float32Gguf, num_threads: 1, context_length, cache_type: 'F32' as const };
  const rows = await measureParity({ engine, adapter: null, chat_template, references });
  const problems = float32Problems(parityFigures('F32', references, rows));
  if (problems.length > 0) throw new AppError('parity-failed', { problem: problems.join('; '), run: folder, build: float32Gguf });
}
