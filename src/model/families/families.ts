/** The list of families: the only place that distinguishes them. */
import { AppError } from '../../protocol/errors.js';
import type { GgufFile } from '../gguf/read.js';
import type { Family } from './family.js';
import { GEMMA3 } from './gemma3/family.js';
import { LLAMA } from './llama/family.js';
import { LLAMA4 } from './llama4/family.js';

const FAMILIES: Family[] = [LLAMA, GEMMA3, LLAMA4];

/** The family of a GGUF file. @throws AppError weights-unsupported */
export function familyOfGguf(file: GgufFile): Family {
  const architecture = file.metadata['general.architecture'];
  const family = FAMILIES.find(({ name }) => name === architecture);
  if (!family) throw new AppError('weights-unsupported', { file: file.path, problem: `architecture ${String(architecture)}` });
  return family;
}

/** The family of a config.json. @throws AppError weights-unsupported */
export function familyOfConfig(config: unknown, file: string): Family {
  const model_type = (config as { model_type?: unknown } | null)?.model_type;
  const family = FAMILIES.find(({ model_types }) => model_types.includes(String(model_type)));
  if (family) return family;
  const known = FAMILIES.flatMap(({ model_types }) => model_types).join(', ');
  throw new AppError('weights-unsupported', { file, problem: `model_type: ${String(model_type)} is none of ${known}` });
}
