/** Tensor names of Llama 4's text model in Transformers and in GGUF (gguf-py/gguf/tensor_mapping.py of llama.cpp v0.5.0). */
import { textTensorName } from '../../folder/text-names.js';

const LAYER_NAMES: Record<string, string> = {
  'input_layernorm.weight': 'attn_norm.weight',
  'post_attention_layernorm.weight': 'ffn_norm.weight',
  'self_attn.q_proj.weight': 'attn_q.weight',
  'self_attn.k_proj.weight': 'attn_k.weight',
  'self_attn.v_proj.weight': 'attn_v.weight',
  'self_attn.o_proj.weight': 'attn_output.weight',
  'feed_forward.gate_proj.weight': 'ffn_gate.weight',
  'feed_forward.up_proj.weight': 'ffn_up.weight',
  'feed_forward.down_proj.weight': 'ffn_down.weight',
  'feed_forward.router.weight': 'ffn_gate_inp.weight',
  'feed_forward.shared_expert.gate_proj.weight': 'ffn_gate_shexp.weight',
  'feed_forward.shared_expert.up_proj.weight': 'ffn_up_shexp.weight',
  'feed_forward.shared_expert.down_proj.weight': 'ffn_down_shexp.weight',
  // Split in two when it is written.
  'feed_forward.experts.gate_up_proj': 'ffn_gate_up_exps.weight',
  'feed_forward.experts.down_proj': 'ffn_down_exps.weight',
};

/** `language_model.model.layers.1.feed_forward.router.weight` → `blk.1.ffn_gate_inp.weight`; null for a tensor it does not have. */
export function llama4GgufName(tensor: string): string | null {
  return textTensorName(tensor, LAYER_NAMES);
}
