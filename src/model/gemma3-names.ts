/** Tensor names of Gemma 3's text model in GGUF and in Transformers (llama.cpp conversion/gemma.py). */
import { transformersName } from './llama-names.js';

/** Gemma 3 has a norm before and after each block; llama.cpp's `ffn_norm` is the one before the MLP. */
const NORM_NAMES: Record<string, string> = {
  attn_norm: 'input_layernorm',
  post_attention_norm: 'post_attention_layernorm',
  ffn_norm: 'pre_feedforward_layernorm',
  post_ffw_norm: 'post_feedforward_layernorm',
  attn_q_norm: 'self_attn.q_norm',
  attn_k_norm: 'self_attn.k_norm',
};

/** `blk.3.post_ffw_norm.weight` → `model.layers.3.post_feedforward_layernorm.weight`; null for a tensor it does not have. */
export function gemma3TransformersName(ggufName: string): string | null {
  const [, layer, part] = /^blk\.(\d+)\.(\w+)\.weight$/.exec(ggufName) ?? [];
  const norm = part && NORM_NAMES[part];
  // Linears, embedding and last norm are called as Llama's are.
  return norm ? `model.layers.${layer}.${norm}.weight` : transformersName(ggufName);
}

export function isGemma3Norm(ggufName: string): boolean {
  return ggufName.endsWith('norm.weight');
}
