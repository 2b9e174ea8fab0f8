/** What the forward pass keeps for the backward pass, counted from a model's tensors. */
import type { ModelShape } from '../../model/families/read-shape.js';
import type { TensorShape } from '../../model/folder/tensor-shape.js';
import type { PlanValues } from '../../protocol/plan.js';
import { firstAdaptedLayer, layersOf } from './decoder-layers.js';
import { isTargeted } from './targets.js';

/** Floats per token that Transformers' and PEFT's own operations keep in a layer, in units of hidden and of intermediate size; an estimate. */
const PLAIN_HIDDEN = 14;
const PLAIN_INTERMEDIATE = 5;

/** Floats per token, of all layers and of the largest. */
export interface KeptActivations {
  whole: number;
  largest_layer: number;
}

export function keptActivations(shape: ModelShape, values: PlanValues): KeptActivations {
  const { model, lora } = values;
  const learns = (tensor: TensorShape) => !model.use_peft || isTargeted(tensor, lora);
  const numAdapted = (tensors: TensorShape[]) => tensors.filter((tensor) => tensor.kind === 'linear' && learns(tensor)).length;
  const isPlain = (['padding_free', 'fused_projection', 'recomputed'] as const).some((name) => model.plain.includes(name));
  const layers = layersOf(shape)
    .slice(firstAdaptedLayer(values))
    .map((tensors) =>
      isPlain
        ? PLAIN_HIDDEN * shape.hidden_size + PLAIN_INTERMEDIATE * shape.intermediate_size
        : tensors.reduce((sum, tensor) => sum + keptBeside(tensor, tensors, learns), 0) +
          (model.use_peft ? lora.r * numAdapted(tensors) : 0),
    );
  return { whole: layers.reduce((sum, floats) => sum + floats, 0), largest_layer: Math.max(...layers) };
}

/**
 * Floats per token that the operation with this weight keeps: the input of a product where a weight or adapter learns from it,
 * once for all that share it, and what attention and the activation read again (python/worker/compute: adapted_projection,
 * tree_attention, gated_product, rms_norm).
 */
function keptBeside(tensor: TensorShape, layer: TensorShape[], learns: (tensor: TensorShape) => boolean): number {
  const { name, shape } = tensor;
  const [rows = 0, columns = 0, last = 0] = shape;
  const named = (projection: string) => layer.filter((other) => other.name.includes(`.${projection}.`));
  const outOf = (projection: string) => named(projection)[0]?.shape[0] ?? 0;
  const inputOf = (...sharing: string[]) => (sharing.flatMap(named).some(learns) ? columns : 0);
  const module = name
    .replace(/\.weight$/, '')
    .split('.')
    .at(-1);
  switch (module) {
    case 'q_proj':
      return rows + inputOf('q_proj', 'k_proj', 'v_proj');
    case 'gate_proj':
      return rows + inputOf('gate_proj', 'up_proj');
    case 'k_proj':
    case 'v_proj':
    case 'up_proj':
      return rows;
    case 'o_proj':
      return columns;
    // Routed experts have [experts, in, out]: a token's input before and after its score, the halves, the activation.
    case 'gate_up_proj':
      return (learns(tensor) ? 2 : 1) * columns + 1.5 * last;
    case 'down_proj':
      return learns(tensor) ? columns : 0;
    case 'q_norm':
      return outOf('q_proj');
    case 'k_norm':
      return outOf('k_proj');
    case 'router':
      return 0;
    default:
      return rows;
  }
}
