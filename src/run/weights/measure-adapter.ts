/** How exactly a GGUF adapter reproduces the trained model, on the float32 base and on the base as it is served. */
import { ggufServing } from '../../model/families/serving.js';
import { readGguf } from '../../model/gguf/read.js';
import { ParityReference } from '../../protocol/artifact.js';
import type { Build, ParityLine } from '../../protocol/build.js';
import { ModelRecord } from '../../protocol/model-record.js';
import { readJson, readLines } from '../../store/files.js';
import { modelFiles, runFiles } from '../../store/home.js';
import { measureParity, parityFigures } from './parity.js';

/** The figures that raw values give, on the float32 base and on the base as it is served. */
export function figuresOf(run: string, modelFolder: string, lines: ParityLine[]): Omit<Build['parity'], 'raw'> {
  const references = readLines(runFiles(run).parityReference, ParityReference);
  const { quantization } = readJson(modelFiles(modelFolder).record, ModelRecord);
  const of = (base: ParityLine['measured']) => lines.filter(({ measured }) => measured === base);
  const trained = references.map(({ trained_logprobs }) => (trained_logprobs ? { logprobs: trained_logprobs } : undefined));
  const isTrainedIn4Bit = trained.length > 0 && trained.every((one) => one !== undefined);
  return {
    float32: parityFigures('F32', references, of('float32')),
    served: parityFigures(quantization, references, of('served')),
    ...(isTrainedIn4Bit ? { trained: parityFigures(`${quantization}, trained in 4 bits (NF4)`, trained, of('served')) } : {}),
  };
}

/** Log-probabilities of a GGUF adapter on the run's reference, on the float32 base and on the base as it is served. */
export async function measureAdapter(run: string, modelFolder: string, adapter: string): Promise<ParityLine[]> {
  const model = modelFiles(modelFolder);
  const { chat_template } = ggufServing(await readGguf(model.gguf));
  const references = readLines(runFiles(run).parityReference, ParityReference);
  const longest = Math.max(...references.map((reference) => reference.token_ids.length));
  const measure = async (measured: ParityLine['measured'], gguf: string, cache_type: 'F16' | 'F32') => {
    const engine = { gguf, num_threads: 1, context_length: contextFor(longest), cache_type };
    return (await measureParity({ engine, adapter, chat_template, references })).map((row): ParityLine => ({ measured, ...row }));
  };
  // Side by side, with one thread each: scoring gains nothing from a second one.
  const both = await Promise.all([measure('float32', model.float32Gguf, 'F32'), measure('served', model.gguf, 'F16')]);
  return both.flat();
}

/** llama.cpp pads contexts to 256 tokens. */
export function contextFor(numTokens: number): number {
  return Math.ceil((numTokens + 1) / 256) * 256;
}
