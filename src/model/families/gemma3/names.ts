/** Tensor names of Gemma 3's text model in GGUF and in Transformers (llama.cpp conversion/gemma.py). */

import { textTensorName } from '../../folder/text-names.js';
import { transformersName } from '../llama/names.js';

/** Gemma 3 has a norm before and after each block; llama.cpp's `ffn_norm` is the one before the MLP. */
const LAYER_NAMES: Record<string, string> = {
  'input_layernorm.weight': 'attn_norm.weight',
  'post_attention_layernorm.weight': 'post_attention_norm.weight',
  'pre_feedforward_layernorm.weight': 'ffn_norm.weight',
  'post_feedforward_layernorm.weight': 'post_ffw_norm.weight',
  'self_attn.q_norm.weight': 'attn_q_norm.weight',
  'self_attn.k_norm.weight': 'attn_k_norm.weight',
  'self_attn.q_proj.weight': 'attn_q.weight',
  'self_attn.k_proj.weight': 'attn_k.weight',
  'self_attn.v_proj.weight': 'attn_v.weight',
  'self_attn.o_proj.weight': 'attn_output.weight',
  'mlp.gate_proj.weight': 'ffn_gate.weight',
  'mlp.up_proj.weight': 'ffn_up.weight',
  'mlp.down_proj.weight': 'ffn_down.weight',
};

/** `model.layers.3.post_feedforward_layernorm.weight` → `blk.3.post_ffw_norm.weight`; null for a tensor it does not have. */
export function gemma3GgufName(tensor: string): string | null {
  return textTensorName(tensor, LAYER_NAMES);
}

/** The other way round, for a model that stands alone. */
export function gemma3TransformersName(ggufName: string): string | null {
  const [, layer, part] = /^blk\.(\d+)\.(.+)$/.exec(ggufName) ?? [];
  const found = Object.entries(LAYER_NAMES).find(([, name]) => name === part);
  return found ? `model.layers.${layer}.${found[0]}` : transformersName(ggufName);
}

export function isGemma3Norm(ggufName: string): boolean {
  return ggufName.endsWith('norm.weight');
}
