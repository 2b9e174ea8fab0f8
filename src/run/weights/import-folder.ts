/** A Transformers folder of Llama type becomes a model folder: written as GGUF in the type its weights have, then imported like any GGUF. */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readLlamaFolder } from '../../model/families/llama/from-folder.js';
import type { LlamaFacts } from '../../model/families/llama/from-gguf.js';
import { ggufTensorName, interleavedHeads, reorderHeadRowBytes } from '../../model/families/llama/names.js';
import { llamaMetadata } from '../../model/families/llama/to-gguf.js';
import { readStoredTensor, type StoredTensor } from '../../model/folder/safetensors.js';
import { dequantize } from '../../model/gguf/dequantize.js';
import { type TensorToWrite, writeGguf } from '../../model/gguf/write.js';
import { AppError } from '../../protocol/errors.js';
import type { ModelRecord } from '../../protocol/model-record.js';
import { cacheFolder } from '../../store/home.js';
import { holdAgainstReference } from './hold-against-reference.js';
import { importGguf } from './import-gguf.js';

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
    if (type === 'F32') await holdAgainstReference(request.folder, gguf);
    return await importGguf(
      home,
      { id: request.id, gguf, source: `folder:${request.folder}`, license: { id: request.license, file: license } },
      onProgress,
    );
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function ggufTensors(folder: string, facts: LlamaFacts, tensors: StoredTensor[]): TensorToWrite[] {
  // A tied head is a copy of the embedding.
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
