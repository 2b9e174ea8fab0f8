/** Floating-point operations of a run: two a weight and token forward, two backward for its input, two more where the weight itself is trained. */
import type { ModelShape } from '../../model/families/read-shape.js';
import type { TensorShape } from '../../model/folder/tensor-shape.js';
import { numWeightsOf } from '../../model/num-weights.js';
import type { PlanValues } from '../../protocol/plan.js';
import { firstAdaptedLayer, keepsFrozenStates, layersOf } from './decoder-layers.js';

/**
 * Adapters and attention are left out: they are few beside the weights until rows are long.
 * @param num_tokens of an epoch, computed once where rows share them
 * @param has_reference each row is computed forward once before the first step
 */
export function operationsOf(shape: ModelShape, values: PlanValues, num_tokens: number, has_reference = false): number {
  const { model, training } = values;
  const weightsUsed = (tensors: TensorShape[]) => tensors.reduce((sum, tensor) => sum + numUsed(tensor, values), 0);
  // Of embeddings a row is looked up; they are multiplied with where they are the head too.
  const hasHead = shape.tensors.some(({ module_class }) => module_class === 'head');
  const all = weightsUsed(shape.tensors.filter(({ module_class: part }) => part !== 'vision' && !(hasHead && part === 'embeddings')));
  const frozen = weightsUsed(layersOf(shape).slice(0, firstAdaptedLayer(values)).flat());
  const backward = (model.use_peft ? 2 : 4) * (all - frozen);
  const epochs = training.num_train_epochs;
  const forward = 2 * (epochs * (all - frozen) + (keepsFrozenStates(values) ? 1 : epochs) * frozen);
  return num_tokens * (forward + epochs * backward + (has_reference ? 2 * all : 0));
}

/** Llama 4 sends a token to one of its experts; Transformers computes them all (`sparse_experts`). */
function numUsed({ kind, shape }: TensorShape, { model }: PlanValues): number {
  const [numExperts = 1] = shape;
  return numWeightsOf(shape) / (kind === 'fused' && !model.plain.includes('sparse_experts') ? numExperts : 1);
}
