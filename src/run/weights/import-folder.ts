/** A Transformers folder becomes a model folder. Its config decides how: converted to GGUF to be served, or for training only. */
import { constants, copyFileSync, existsSync, linkSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { familyOfConfig } from '../../model/families/families.js';
import type { FolderGguf } from '../../model/families/family.js';
import { type ModelShape, readShape } from '../../model/families/read-shape.js';
import { folderReader, shardsOf } from '../../model/folder/reader.js';
import type { StoredTensor } from '../../model/folder/safetensors.js';
import { dequantize } from '../../model/gguf/dequantize.js';
import { writeGguf } from '../../model/gguf/write.js';
import { numWeightsOf } from '../../model/num-weights.js';
import { AppError } from '../../protocol/errors.js';
import { ModelRecord } from '../../protocol/model-record.js';
import { gigabytes } from '../../protocol/units.js';
import { readJson, writeJson } from '../../store/files.js';
import { sha256File, sha256Text } from '../../store/hash.js';
import { modelFiles, modelFolder, transformersFiles } from '../../store/home.js';
import { makeFolder } from '../../store/leftovers.js';
import { checkAgainstReference } from './check-against-reference.js';

/** A float32 file of more is better made by a converter that quantizes as it goes. */
const MAX_FLOAT32_BYTES = 20e9;
const LICENSE_NAMES = ['LICENSE', 'LICENSE.txt', 'LICENSE.md'];

export interface FolderRequest {
  id: string;
  folder: string;
  license: string;
}

/** What is read of a folder before anything is written. */
interface Source {
  folder: string;
  config: { model_type?: string | undefined };
  shape: ModelShape;
  /** Names of the files with the weights. */
  shards: string[];
  tensors: StoredTensor[];
  /** The folder as GGUF, or why it can be trained only. */
  served: { gguf: FolderGguf } | { training_only: string };
}

/**
 * Once; a second call with the same weights finds it. Config and headers must tell of the same weights.
 * @throws AppError file-not-found, weights-unsupported for another family, or weights that are not those of the config,
 * parity-failed for a tuned model that comes out as another,
 * model-exists for other weights under a name that is taken
 */
export async function importFolder(
  home: string,
  request: FolderRequest,
  onProgress: (text: string, share: number) => void,
): Promise<ModelRecord> {
  const folder = modelFolder(home, request.id);
  const known = modelFiles(folder).record;
  if (existsSync(known)) return await sameModel(readJson(known, ModelRecord), request);
  const source = readSource(resolve(request.folder), request.id);
  return await makeFolder(home, folder, async (made) => {
    const record = await writeModelFolder(made, source, request, onProgress);
    writeJson(modelFiles(made).record, record);
    return record;
  });
}

/** @throws AppError model-exists when the folder's weights are not those that were imported */
async function sameModel(known: ModelRecord, { id, folder }: FolderRequest): Promise<ModelRecord> {
  for (const shard of shardsOf(folder)) {
    const imported = known.files.find(({ path }) => basename(path) === shard)?.sha256 ?? 'nothing';
    const given = await sha256File(join(folder, shard));
    if (given !== imported) throw new AppError('model-exists', { model: id, known: imported, given, file: folder });
  }
  return known;
}

function readSource(folder: string, name: string): Source {
  const files = transformersFiles(folder);
  for (const file of Object.values(files)) if (!existsSync(file)) throw new AppError('file-not-found', { file, folder });
  const config = readJson(files.config, z.looseObject({ model_type: z.string().optional() }));
  const reader = folderReader(folder);
  const family = familyOfConfig(config, files.config);
  const gguf = family.asGguf(reader, name);
  const reasons = reader.problems.join('; ');
  const sizes = family.readShape(config);
  // It cannot be trained either: the list of what prevents conversion is the more complete one.
  if ('problems' in sizes) throw new AppError('weights-unsupported', { file: folder, problem: reasons || sizes.problems.join('; ') });
  const shape = readShape(config, files.config);
  const tensors = reader.tensors();
  refuseOtherWeights(folder, shape, tensors, reasons);
  return { folder, config, shape, shards: shardsOf(folder), tensors, served: servedFrom(gguf, reasons, shape) };
}

/** @throws AppError weights-unsupported */
function refuseOtherWeights(folder: string, shape: ModelShape, tensors: StoredTensor[], reasons: string): void {
  const stored = tensors.reduce((sum, tensor) => sum + numWeightsOf(tensor.shape), 0);
  // A tied head may be written a second time.
  const head = shape.vocab_size * shape.hidden_size;
  if (stored === shape.num_parameters || stored === shape.num_parameters + head) return;
  const problem = `its weights have ${stored} parameters, its config.json says ${shape.num_parameters}${reasons ? `; ${reasons}` : ''}`;
  throw new AppError('weights-unsupported', { file: folder, problem });
}

function servedFrom(gguf: FolderGguf | null, reasons: string, { num_parameters }: ModelShape): Source['served'] {
  if (!gguf) return { training_only: reasons };
  const bytes = num_parameters * 4;
  if (bytes > MAX_FLOAT32_BYTES) return { training_only: `its float32 GGUF would have ${gigabytes(bytes)}` };
  return { gguf };
}

async function writeModelFolder(
  folder: string,
  source: Source,
  request: FolderRequest,
  onProgress: (text: string, share: number) => void,
): Promise<ModelRecord> {
  const { served, shape } = source;
  const files = modelFiles(folder);
  const written = 'gguf' in served ? served.gguf : null;
  const names = written?.files ? copyForTraining(source, files.transformers, written.files) : linkForTraining(source, files.transformers);
  const paths = names.map((name) => join(basename(files.transformers), name));
  if (written) {
    onProgress('writing the model as GGUF', 0.2);
    await writeServed(written, files);
    if (written.files) paths.push(join('parity', basename(files.float32Gguf)));
    if (written.type === 'F32') await checkAgainstReference(source.folder, files.gguf);
  }
  const hashed: ModelRecord['files'] = [];
  for (const [index, path] of paths.entries()) {
    onProgress('hashing the weights', 0.6 + (0.4 * index) / paths.length);
    const whole = join(folder, path);
    hashed.push({ path, sha256: await sha256File(whole), bytes: statSync(whole).size });
  }
  const license = LICENSE_NAMES.map((name) => join(source.folder, name)).find(existsSync);
  if (license) copyFileSync(license, files.license);
  const gguf = written ? { path: basename(files.gguf), sha256: await sha256File(files.gguf), bytes: statSync(files.gguf).size } : null;
  return {
    id: request.id,
    source: `folder:${source.folder}`,
    // What is served is what was trained against.
    sha256: gguf?.sha256 ?? sha256Text(hashed.map(({ path, sha256 }) => `${path} ${sha256}\n`).join('')),
    quantization: written?.type ?? (source.tensors[0] as StoredTensor).type,
    architecture: source.config.model_type ?? shape.family,
    num_parameters: shape.num_parameters,
    context_length: shape.context_length,
    license: { id: request.license, file: license ? basename(files.license) : null },
    gguf,
    ...('training_only' in served ? { training_only: served.training_only } : {}),
    files: hashed,
    imported_at: new Date().toISOString(),
  };
}

/** The folder's own weights, shared with it where the file system can, beside config and tokenizer as Slipway writes them. */
function copyForTraining({ folder, shards }: Source, into: string, files: Record<string, object>): string[] {
  mkdirSync(into);
  for (const name of shards) copyFileSync(join(folder, name), join(into, name), constants.COPYFILE_FICLONE);
  const index = 'model.safetensors.index.json';
  const indexes = existsSync(join(folder, index)) ? [index] : [];
  for (const name of indexes) copyFileSync(join(folder, name), join(into, name));
  for (const [name, value] of Object.entries(files)) writeJson(join(into, name), value);
  return [...shards, ...indexes, ...Object.keys(files)];
}

/** Linked and never copied: these families come in hundreds of gigabytes. */
function linkForTraining({ folder, shards }: Source, into: string): string[] {
  symlinkSync(folder, into);
  return [...Object.values(transformersFiles(folder)).map((file) => basename(file)), ...shards];
}

/** The file that is served, and the same in float32, on which parity is measured. */
async function writeServed({ type, metadata, tensors }: FolderGguf, files: ReturnType<typeof modelFiles>): Promise<void> {
  await writeGguf(files.gguf, metadata, tensors);
  mkdirSync(dirname(files.float32Gguf));
  if (type === 'F32') return linkSync(files.gguf, files.float32Gguf);
  const float32 = { ...metadata, 'general.file_type': { type: 'uint32' as const, value: 0 } };
  const asFloats = tensors.map(({ type: stored = 'F32', read, ...tensor }) => ({
    ...tensor,
    read: async () => {
      const weights = await read();
      return weights instanceof Float32Array ? weights : dequantize(stored, weights);
    },
  }));
  await writeGguf(files.float32Gguf, float32, asFloats);
}
