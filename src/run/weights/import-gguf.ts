/** A GGUF file becomes a model folder: the file as it is for serving, and float32 weights to train on. */
import { constants, copyFileSync, existsSync, linkSync, mkdirSync, statSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { familyOfGguf } from '../../model/families/families.js';
import type { TransformersModel } from '../../model/families/family.js';
import { type NamedWeights, writeSafetensors } from '../../model/folder/safetensors.js';
import { dequantize } from '../../model/gguf/dequantize.js';
import { type GgufFile, type GgufTensor, readGguf, readTensorBytes } from '../../model/gguf/read.js';
import { writeGguf } from '../../model/gguf/write.js';
import { numWeightsOf } from '../../model/num-weights.js';
import { AppError } from '../../protocol/errors.js';
import { ModelRecord } from '../../protocol/model-record.js';
import { readJson, writeJson } from '../../store/files.js';
import { sha256File } from '../../store/hash.js';
import { cacheFolder, homeOf, modelFiles, modelFolder } from '../../store/home.js';
import { makeFolder } from '../../store/leftovers.js';

export interface ImportRequest {
  id: string;
  gguf: string;
  source: string;
  license: { id: string; file: string | null };
}

/** GGUF's names of whole-file types (`general.file_type`, llama.h LLAMA_FTYPE). */
const FILE_TYPES: Record<number, string> = {
  0: 'F32',
  1: 'F16',
  2: 'Q4_0',
  3: 'Q4_1',
  7: 'Q8_0',
  8: 'Q5_0',
  9: 'Q5_1',
  15: 'Q4_K_M',
  17: 'Q5_K_M',
  18: 'Q6_K',
  32: 'BF16',
};

/**
 * Imports once; a second call with the same bytes finds the folder. The folder appears whole or not at all.
 * @throws AppError weights-unsupported, model-exists for other bytes under a name that is taken
 */
export async function importGguf(home: string, request: ImportRequest, onProgress: (share: number) => void): Promise<ModelRecord> {
  const folder = modelFolder(home, request.id);
  if (existsSync(modelFiles(folder).record)) {
    const known = readJson(modelFiles(folder).record, ModelRecord);
    const given = await sha256File(request.gguf);
    if (given === known.sha256) return known;
    throw new AppError('model-exists', { model: request.id, known: known.sha256, given, file: request.gguf });
  }
  return await makeFolder(home, folder, (made) => writeModelFolder(made, request, onProgress));
}

async function writeModelFolder(folder: string, request: ImportRequest, onProgress: (share: number) => void): Promise<ModelRecord> {
  const files = modelFiles(folder);
  const gguf = await readGguf(request.gguf);
  const { name: architecture, asTransformers } = familyOfGguf(gguf);
  if (!asTransformers)
    throw new AppError('weights-unsupported', { file: gguf.path, problem: `architecture ${architecture}: pull its Transformers folder` });
  const model = asTransformers(gguf);
  const transformers = model.files();
  mkdirSync(files.transformers, { recursive: true });
  mkdirSync(join(files.float32Gguf, '..'));
  for (const [name, value] of Object.entries(transformers)) writeJson(join(files.transformers, name), value);
  await writeSafetensors(
    join(files.transformers, 'model.safetensors'),
    transformersWeights(gguf, model, (share) => onProgress(share / 2)),
  );
  await writeFloat32Gguf(gguf, files.float32Gguf, (share) => onProgress(0.5 + share / 2));
  takeFile(request.gguf, files.gguf);
  if (request.license.file) copyFileSync(request.license.file, files.license);
  const sha256 = await sha256File(files.gguf);
  const written = ['model.safetensors', ...Object.keys(transformers)].map((name) => join(basename(files.transformers), name));
  const record: ModelRecord = {
    id: request.id,
    source: request.source,
    sha256,
    quantization: FILE_TYPES[Number(gguf.metadata['general.file_type'])] ?? 'mixed',
    architecture,
    num_parameters: gguf.tensors.reduce((sum, tensor) => sum + numWeightsOf(tensor.shape), 0),
    context_length: model.context_length,
    license: { id: request.license.id, file: request.license.file ? basename(files.license) : null },
    gguf: { path: 'model.gguf', sha256, bytes: statSync(files.gguf).size },
    files: await Promise.all(
      [...written, join('parity', 'model-f32.gguf')].map(async (path) => ({
        path,
        sha256: await sha256File(join(folder, path)),
        bytes: statSync(join(folder, path)).size,
      })),
    ),
    imported_at: new Date().toISOString(),
  };
  writeJson(files.record, record);
  return record;
}

function transformersWeights(gguf: GgufFile, model: TransformersModel, onProgress: (share: number) => void): NamedWeights[] {
  return gguf.tensors.map((tensor, index) => {
    const name = model.nameOf(tensor.name);
    if (!name) throw new AppError('weights-unsupported', { file: gguf.path, problem: `unknown tensor ${tensor.name}` });
    return {
      name,
      shape: tensor.shape,
      read: async () => {
        const weights = await readWeights(gguf, tensor);
        onProgress((index + 1) / gguf.tensors.length);
        return model.convert(tensor.name, tensor.shape, weights);
      },
    };
  });
}

/** The same model with every weight as float32: parity is measured on it. */
async function writeFloat32Gguf(gguf: GgufFile, path: string, onProgress: (share: number) => void): Promise<void> {
  const metadata = { ...gguf.typed_metadata, 'general.file_type': { type: 'uint32' as const, value: 0 } };
  await writeGguf(
    path,
    metadata,
    gguf.tensors.map((tensor, index) => ({
      name: tensor.name,
      shape: tensor.shape,
      read: async () => {
        onProgress((index + 1) / gguf.tensors.length);
        return await readWeights(gguf, tensor);
      },
    })),
  );
}

async function readWeights(gguf: GgufFile, tensor: GgufTensor): Promise<Float32Array> {
  return dequantize(tensor.type, await readTensorBytes(gguf, tensor));
}

/** A file of Slipway's own cache is shared; one that its owner may overwrite is copied, or reflinked where the file system can. */
function takeFile(from: string, to: string): void {
  const cache = cacheFolder(homeOf(dirname(to)));
  try {
    if (from.startsWith(`${cache}${sep}`)) {
      linkSync(from, to);
      return;
    }
  } catch {
    // Another file system: it is copied.
  }
  copyFileSync(from, to, constants.COPYFILE_FICLONE);
}
