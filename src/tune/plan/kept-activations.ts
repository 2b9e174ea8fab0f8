/** What the forward pass keeps for the backward pass, counted from a model's tensors. */
import type { ModelShape } from '../../model/families/read-shape.js';
import type { TensorShape } from '../../model/folder/tensor-shape.js';
import type { PlanValues } from '../../protocol/plan.js';

/** Floats per token that Transformers' and PEFT's own operations keep in a layer, in units of hidden and of intermediate size; an estimate. */
const PLAIN_HIDDEN = 14;
const PLAIN_INTERMEDIATE = 5;

/** Floats per token, of all layers and of the largest. */
export interface KeptActivations {
  whole: number;
  largest_layer: number;
}

export function keptActivations(shape: ModelShape, { model, lora }: PlanValues): KeptActivations {
  const isPlain = (['padding_free', 'fused_projection', 'recomputed'] as const).some((name) => model.plain.includes(name));
  // The backward pass ends at the first adapted layer.
  const first = model.use_peft ? Math.min(...(lora.layers_to_transform ?? [0])) : 0;
  const layers = layersOf(shape)
    .slice(first)
    .map((tensors) =>
      isPlain
        ? PLAIN_HIDDEN * shape.hidden_size + PLAIN_INTERMEDIATE * shape.intermediate_size
        : tensors.reduce((sum, tensor) => sum + keptBeside(tensor, tensors), 0) + (model.use_peft ? lora.r * numAdaptable(tensors) : 0),
    );
  return { whole: layers.reduce((sum, floats) => sum + floats, 0), largest_layer: Math.max(...layers) };
}

/** Tensors of the text decoder, by layer. */
function layersOf({ tensors, num_hidden_layers }: ModelShape): TensorShape[][] {
  const layers: TensorShape[][] = Array.from({ length: num_hidden_layers }, () => []);
  for (const tensor of tensors) {
    const index = tensor.module_class === 'vision' ? undefined : /\blayers\.(\d+)\./.exec(tensor.name)?.[1];
    if (index) layers[Number(index)]?.push(tensor);
  }
  return layers;
}

const numAdaptable = (tensors: TensorShape[]) => tensors.filter(({ kind }) => kind === 'linear').length;

/**
 * Floats per token that the operation with this weight keeps: the input of a product, once for all that share it, and what
 * attention and the activation read again (python/worker/compute: adapted_projection, tree_attention, gated_product, rms_norm).
 */
function keptBeside({ name, shape }: TensorShape, layer: TensorShape[]): number {
  const [rows = 0, columns = 0, last = 0] = shape;
  const outOf = (projection: string) => layer.find((other) => other.name.includes(`.${projection}.`))?.shape[0] ?? 0;
  const module = name
    .replace(/\.weight$/, '')
    .split('.')
    .at(-1);
  switch (module) {
    case 'q_proj':
    case 'gate_proj':
      return rows + columns;
    case 'k_proj':
    case 'v_proj':
    case 'up_proj':
      return rows;
    case 'o_proj':
      return columns;
    // Routed experts have [experts, in, out]: a token's input before and after its score, the halves, the activation.
    case 'gate_up_proj':
      return 2 * columns + 1.5 * last;
    case 'down_proj':
      return columns;
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
