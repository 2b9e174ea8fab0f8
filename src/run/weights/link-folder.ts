/** A Transformers folder taken in as it is: linked for training, never copied, and written as float32 GGUF where that can be done. */
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { type ModelShape, readShape } from '../../model/folder/read-shape.js';
import { readSafetensorsHeader, type StoredTensor } from '../../model/folder/safetensors.js';
import { folderGguf } from '../../model/folder/to-gguf.js';
import { writeGguf } from '../../model/gguf/write.js';
import { numWeightsOf } from '../../model/num-weights.js';
import { AppError } from '../../protocol/errors.js';
import { ModelRecord } from '../../protocol/model-record.js';
import { gigabytes } from '../../protocol/units.js';
import { readJson, writeJson } from '../../store/files.js';
import { sha256File, sha256Text } from '../../store/hash.js';
import { modelFiles, modelFolder } from '../../store/home.js';
import { holdAgainstReference } from './hold-against-reference.js';

/** A file of more is better made by a converter that quantizes as it goes. */
const MAX_FLOAT32_BYTES = 20e9;
/** What training reads; weights are `*.safetensors` beside them. */
const NEEDED = ['config.json', 'tokenizer.json', 'tokenizer_config.json'];

/**
 * Once; a second call finds it. Config and headers must tell of the same weights; all their bytes are read once, for their hash.
 * @throws AppError file-not-found, weights-unsupported for another family, or weights that are not those of the config,
 * parity-failed for a tuned model that comes out as another
 */
export async function linkFolder(
  home: string,
  request: { id: string; folder: string; license: string; reason: string },
  onProgress: (text: string, share: number) => void,
): Promise<ModelRecord> {
  const known = modelFiles(modelFolder(home, request.id)).record;
  if (existsSync(known)) return readJson(known, ModelRecord);
  const source = resolve(request.folder);
  for (const name of NEEDED) {
    if (!existsSync(join(source, name))) throw new AppError('file-not-found', { file: join(source, name), folder: source });
  }
  const config = JSON.parse(readFileSync(join(source, 'config.json'), 'utf8')) as { model_type?: string };
  const shape = readShape(config, join(source, 'config.json'));
  const shards = readdirSync(source)
    .filter((name) => name.endsWith('.safetensors'))
    .sort();
  const tensors = shards.flatMap((name) => readSafetensorsHeader(join(source, name)));
  const stored = tensors.reduce((sum, tensor) => sum + numWeightsOf(tensor.shape), 0);
  // A tied head may be written a second time.
  const head = shape.vocab_size * shape.hidden_size;
  if (stored !== shape.num_parameters && stored !== shape.num_parameters + head) {
    const problem = `its weights have ${stored} parameters, its config.json says ${shape.num_parameters}`;
    throw new AppError('weights-unsupported', { file: source, problem });
  }
  const hashed: ModelRecord['files'] = [];
  for (const [index, name] of [...NEEDED, ...shards].entries()) {
    onProgress('hashing the weights', index / (NEEDED.length + shards.length));
    const path = join(source, name);
    hashed.push({ path: join('transformers', name), sha256: await sha256File(path), bytes: statSync(path).size });
  }
  const folder = modelFolder(home, request.id);
  mkdirSync(join(folder, '..'), { recursive: true });
  const temporary = mkdtempSync(`${folder}.`);
  try {
    const files = modelFiles(temporary);
    symlinkSync(source, files.transformers);
    onProgress('writing the text model as GGUF', 0.9);
    const training_only = await writeServed(source, shape, files, request);
    const gguf = training_only ? null : { path: 'model.gguf', sha256: await sha256File(files.gguf), bytes: statSync(files.gguf).size };
    const record: ModelRecord = {
      id: request.id,
      source: `folder:${source}`,
      // What is served is what was trained against: float32 weights of either file.
      sha256: gguf?.sha256 ?? sha256Text(hashed.map(({ path, sha256 }) => `${path} ${sha256}\n`).join('')),
      quantization: gguf ? 'F32' : (tensors[0] as StoredTensor).type,
      architecture: config.model_type ?? shape.family,
      num_parameters: shape.num_parameters,
      context_length: shape.context_length,
      license: { id: request.license, file: null },
      gguf,
      ...(training_only ? { training_only } : {}),
      files: hashed,
      imported_at: new Date().toISOString(),
    };
    writeJson(files.record, record);
    renameSync(temporary, folder);
    return record;
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw error;
  }
}

/** @returns why it cannot be served here; null when the file was written */
async function writeServed(
  source: string,
  { family, num_parameters }: ModelShape,
  files: ReturnType<typeof modelFiles>,
  request: { id: string; reason: string },
): Promise<string | null> {
  // Of a Llama, whoever tried to write it has said what is in the way.
  if (family === 'llama') return request.reason;
  if (num_parameters * 4 > MAX_FLOAT32_BYTES) return `its float32 GGUF would have ${gigabytes(num_parameters * 4)}`;
  try {
    const { metadata, tensors } = folderGguf(source, request.id);
    await writeGguf(files.gguf, metadata, tensors);
    mkdirSync(join(files.float32Gguf, '..'));
    linkSync(files.gguf, files.float32Gguf);
    await holdAgainstReference(source, files.gguf);
    return null;
  } catch (error) {
    if (error instanceof AppError && error.code === 'weights-unsupported') return error.message;
    throw error;
  }
}
