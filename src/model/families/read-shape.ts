/** From config.json alone: a model's tensors and the sizes that a plan depends on. No weight is read. */
import { AppError } from '../../protocol/errors.js';
import { numWeightsOf } from '../num-weights.js';
import { familyOfConfig } from './families.js';
import type { FamilyName, FamilyShape } from './family.js';

export interface ModelShape extends FamilyShape {
  family: FamilyName;
  num_parameters: number;
}

/** @throws AppError weights-unsupported for another family, or a config that lacks a size */
export function readShape(config: unknown, file: string): ModelShape {
  const family = familyOfConfig(config, file);
  const shape = family.readShape(config);
  if ('problems' in shape) throw new AppError('weights-unsupported', { file, problem: shape.problems.join('; ') });
  return { family: family.name, ...shape, num_parameters: shape.tensors.reduce((sum, tensor) => sum + numWeightsOf(tensor.shape), 0) };
}
