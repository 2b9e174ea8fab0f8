/** What a run will train, from a model's config alone. The worker measures the same on the model and stops where it differs. */
import type { ModelShape } from '../../model/families/read-shape.js';
import { isScore } from '../../model/families/scored-shape.js';
import type { TensorShape } from '../../model/folder/tensor-shape.js';
import { numWeightsOf } from '../../model/num-weights.js';
import { AppError } from '../../protocol/errors.js';
import type { ModuleClass, ModuleCoverage } from '../../protocol/event.js';
import { FROZEN_CLASSES, isTargeted } from './targets.js';

export interface Adapter {
  r: number;
  target_modules: string[];
  target_parameters: string[];
  layers_to_transform: number[] | null;
}

/**
 * One entry per module class.
 * @param adapter null: all weights are trained but those of router and vision
 * @throws AppError nothing-trained
 */
export function trainedCoverage(shape: ModelShape, adapter: Adapter | null): ModuleCoverage[] {
  const table = new Map<ModuleClass, ModuleCoverage>();
  for (const tensor of shape.tensors) {
    const { module_class } = tensor;
    const entry = table.get(module_class) ?? { module_class, num_parameters: 0, num_reached_parameters: 0, num_trained_parameters: 0 };
    const count = numWeightsOf(tensor.shape);
    entry.num_parameters += count;
    const isWhole = isScore(tensor) || (!adapter && !FROZEN_CLASSES.includes(module_class));
    if (isWhole || (adapter && isTargeted(tensor, adapter))) {
      entry.num_reached_parameters += count;
      entry.num_trained_parameters += isWhole ? count : loraParameters(tensor, adapter?.r ?? 0);
    }
    table.set(module_class, entry);
  }
  const coverage = [...table.values()];
  if (coverage.every(({ num_trained_parameters }) => num_trained_parameters === 0)) throw new AppError('nothing-trained', {});
  return coverage;
}

/** An adapted weight [out, in] gets r × (in + out) parameters (LoRA, arXiv 2106.09685), each expert of a fused one its own. */
function loraParameters({ shape, kind }: TensorShape, r: number): number {
  const [into, out] = shape.slice(-2) as [number, number];
  return r * (into + out) * (kind === 'fused' ? (shape[0] as number) : 1);
}
