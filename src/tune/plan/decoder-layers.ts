/** The layers of a model's text decoder, and the first that training reaches. */
import type { ModelShape } from '../../model/families/read-shape.js';
import type { TensorShape } from '../../model/folder/tensor-shape.js';
import type { PlanValues } from '../../protocol/plan.js';

/** −1 for a tensor of no layer. */
export function layerOf({ name, module_class }: TensorShape): number {
  return module_class === 'vision' ? -1 : Number(/\blayers\.(\d+)\./.exec(name)?.[1] ?? -1);
}

/** Tensors by layer. */
export function layersOf({ tensors, num_hidden_layers }: ModelShape): TensorShape[][] {
  const layers: TensorShape[][] = Array.from({ length: num_hidden_layers }, () => []);
  for (const tensor of tensors) layers[layerOf(tensor)]?.push(tensor);
  return layers;
}

/** The backward pass ends there. */
export function firstAdaptedLayer({ model, lora }: PlanValues): number {
  return model.use_peft ? Math.min(...(lora.layers_to_transform ?? [0])) : 0;
}

/** `replaces` of python/worker/compute/replace.py: what is kept is of rows laid end to end. */
const KEPT_WITH = ['frozen_layers', 'padding_free', 'fused_loss'] as const;

/** Whether hidden states below the first adapted layer are kept from one epoch to the next (python/worker/compute/frozen_layers.py). */
export function keepsFrozenStates(values: PlanValues): boolean {
  const { model, training } = values;
  const isPlain = model.fsdp || KEPT_WITH.some((name) => model.plain.includes(name));
  return firstAdaptedLayer(values) > 0 && training.num_train_epochs > 1 && !isPlain;
}
