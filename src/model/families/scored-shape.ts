/** A model of any family as a reward model: one score in place of its head (python/worker/families/reward_model.py). */
import { plain, type TensorShape } from '../folder/tensor-shape.js';
import { numWeightsOf } from '../num-weights.js';
import type { ModelShape } from './read-shape.js';

const SCORE = 'score.weight';

export function scoredShape(shape: ModelShape): ModelShape {
  const tensors = [...shape.tensors.filter(({ module_class }) => module_class !== 'head'), plain(SCORE, [1, shape.hidden_size], 'head')];
  const num_parameters = tensors.reduce((sum, tensor) => sum + numWeightsOf(tensor.shape), 0);
  // What the head makes of a token: one number.
  return { ...shape, tensors, num_parameters, vocab_size: 1 };
}

/** It is new, and always trained whole. */
export function isScore({ name }: TensorShape): boolean {
  return name === SCORE;
}
