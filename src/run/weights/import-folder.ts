/** A Transformers folder of Llama type becomes a model folder: written as GGUF in the type its weights have, then imported like any GGUF. */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { dequantize } from '../../model/dequantize.js';
import { ggufModel } from '../../model/gguf-model.js';
import { readLlamaFolder } from '../../model/llama-from-folder.js';
import type { LlamaFacts } from '../../model/llama-from-gguf.js';
import { ggufTensorName, interleavedHeads, reorderHeadRowBytes } from '../../model/llama-names.js';
import { llamaMetadata } from '../../model/llama-to-gguf.js';
import { readGguf } from '../../model/read-gguf.js';
import { readStoredTensor, type StoredTensor } from '../../model/safetensors.js';
import { type TensorToWrite, writeGguf } from '../../model/write-gguf.js';
import { ParityReference } from '../../protocol/artifact.js';
import { AppError } from '../../protocol/errors.js';
import type { ModelRecord } from '../../protocol/model-record.js';
import { readLines } from '../../store/files.js';
import { cacheFolder } from '../../store/home.js';
import { contextFor } from './build-adapter.js';
import { importGguf } from './import-gguf.js';
import { float32Problems, measureParity } from './parity.js';

/** @throws AppError weights-unsupported naming what cannot be written, parity-failed for a tuned model that comes out as another */
export async function importFolder(
  home: string,
  request: { id: string; folder: string; license: string },
  onProgress: (share: number) => void,
): Promise<ModelRecord> {
  const { facts, tensors } = readLlamaFolder(request.folder);
  const type = tensors.some(({ type: stored }) => stored === 'F32') ? 'F32' : (tensors[0] as StoredTensor).type;
  mkdirSync(cacheFolder(home), { recursive: true });
  const temporary = mkdtempSync(join(cacheFolder(home), 'pull-'));
  const gguf = join(temporary, `${request.id}.gguf`);
  try {
    await writeGguf(gguf, llamaMetadata(facts, basename(request.folder), type), ggufTensors(request.folder, facts, tensors));
    const license = ['LICENSE', 'LICENSE.txt', 'LICENSE.md'].map((name) => join(request.folder, name)).find(existsSync) ?? null;
    await holdAgainstReference(request.folder, gguf, type);
    return await importGguf(
      home,
      { id: request.id, gguf, source: `folder:${request.folder}`, license: { id: request.license, file: license } },
      onProgress,
    );
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** A run of full fine-tuning leaves its own reference beside the weights. @throws AppError parity-failed */
async function holdAgainstReference(folder: string, gguf: string, type: string): Promise<void> {
  const file = join(folder, 'parity-reference.jsonl');
  if (!existsSync(file) || type !== 'F32') return;
  const references = readLines(file, ParityReference);
  const { chat_template } = ggufModel(await readGguf(gguf));
  const context_length = contextFor(Math.max(...references.map(({ token_ids }) => token_ids.length)));
  const engine = { gguf, num_threads: 1, context_length, cache_type: 'F32' as const };
  const problems = float32Problems(await measureParity({ engine, base_type: 'F32', adapter: null, chat_template, references }));
  if (problems.length > 0) throw new AppError('parity-failed', { problem: problems.join('; '), run: folder, build: gguf });
}

function ggufTensors(folder: string, facts: LlamaFacts, tensors: StoredTensor[]): TensorToWrite[] {
  // A tied head is the embedding said again.
  const own = tensors.filter(({ name }) => !(facts.is_head_tied && name === 'lm_head.weight'));
  return own.map((tensor) => {
    const name = ggufTensorName(tensor.name);
    if (!name) throw new AppError('weights-unsupported', { file: folder, problem: `unknown tensor ${tensor.name}` });
    const heads = interleavedHeads(name, facts);
    // llama.cpp wants vectors (norms) as F32.
    const isVector = tensor.shape.length === 1;
    return {
      name,
      shape: tensor.shape,
      type: isVector ? 'F32' : tensor.type,
      read: async () => {
        const bytes = await readStoredTensor(tensor);
        if (isVector) return dequantize(tensor.type, bytes);
        return heads ? reorderHeadRowBytes(bytes, tensor.shape[0] as number, heads, 'gguf') : bytes;
      },
    };
  });
}
