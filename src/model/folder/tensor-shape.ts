/** A tensor of a model whose weights may be absent: its name, size and class. */
import { z } from 'zod';
import type { ModuleClass } from '../../protocol/event.js';

/** No model of these families has biases in its decoder; one that had would have tensors that are not listed here. */
export const noBias = z.literal(false, 'biases are not known here').default(false);

export interface TensorShape {
  name: string;
  /** Rows first, as in PyTorch. */
  shape: number[];
  module_class: ModuleClass;
  /** A Linear's weight [out, in], routed experts' fused weight [experts, in, out], or what carries no adapter. */
  kind: 'linear' | 'fused' | 'other';
}

export const linear = (name: string, out: number, into: number, module_class: ModuleClass): TensorShape => ({
  name: `${name}.weight`,
  shape: [out, into],
  module_class,
  kind: 'linear',
});

export const plain = (name: string, shape: number[], module_class: ModuleClass): TensorShape => ({
  name,
  shape,
  module_class,
  kind: 'other',
});

export interface AttentionSizes {
  hidden_size: number;
  num_attention_heads: number;
  num_key_value_heads: number;
  head_dim: number;
}

/** The four projections of a text decoder's attention. */
export function attentionShapes(layer: string, sizes: AttentionSizes): TensorShape[] {
  const { hidden_size, head_dim } = sizes;
  const [queries, keys] = [sizes.num_attention_heads * head_dim, sizes.num_key_value_heads * head_dim];
  return [
    linear(`${layer}.self_attn.q_proj`, queries, hidden_size, 'attention'),
    linear(`${layer}.self_attn.k_proj`, keys, hidden_size, 'attention'),
    linear(`${layer}.self_attn.v_proj`, keys, hidden_size, 'attention'),
    linear(`${layer}.self_attn.o_proj`, hidden_size, queries, 'attention'),
  ];
}

/** A gated MLP's three projections. */
export function mlpShapes(module: string, hidden: number, intermediate: number, module_class: ModuleClass): TensorShape[] {
  return [
    linear(`${module}.gate_proj`, intermediate, hidden, module_class),
    linear(`${module}.up_proj`, intermediate, hidden, module_class),
    linear(`${module}.down_proj`, hidden, intermediate, module_class),
  ];
}

/** A transformer layer of an image tower, with biases; names as in SigLIP and in Llama 4's vision model. */
export function visionLayerShapes(layer: string, hidden: number, intermediate: number, norms: string[]): TensorShape[] {
  const withBias = (name: string, out: number, into: number) => [
    plain(`${layer}.${name}.weight`, [out, into], 'vision'),
    plain(`${layer}.${name}.bias`, [out], 'vision'),
  ];
  const attention = ['q_proj', 'k_proj', 'v_proj', 'out_proj'].flatMap((name) => withBias(`self_attn.${name}`, hidden, hidden));
  const normed = norms.flatMap((name) => vectorPair(`${layer}.${name}`, hidden));
  return [...attention, ...withBias('mlp.fc1', intermediate, hidden), ...withBias('mlp.fc2', hidden, intermediate), ...normed];
}

/** A layer norm's weight and bias. */
export function vectorPair(name: string, size: number): TensorShape[] {
  return [plain(`${name}.weight`, [size], 'vision'), plain(`${name}.bias`, [size], 'vision')];
}
