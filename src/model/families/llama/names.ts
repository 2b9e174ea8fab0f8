/** Tensor names of Llama-type models in GGUF and in Transformers, and the row order of query and key weights. */

const LAYER_NAMES: Record<string, string> = {
  attn_norm: 'input_layernorm',
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_output: 'self_attn.o_proj',
  ffn_norm: 'post_attention_layernorm',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
  ffn_down: 'mlp.down_proj',
};
const OUTER_NAMES: Record<string, string> = {
  'token_embd.weight': 'model.embed_tokens.weight',
  'output_norm.weight': 'model.norm.weight',
  'output.weight': 'lm_head.weight',
};

/** `blk.3.attn_q.weight` → `model.layers.3.self_attn.q_proj.weight`; null for a name that Llama does not have. */
export function transformersName(ggufName: string): string | null {
  const outer = OUTER_NAMES[ggufName];
  if (outer) return outer;
  const [, layer, part] = /^blk\.(\d+)\.(\w+)\.weight$/.exec(ggufName) ?? [];
  const name = part && LAYER_NAMES[part];
  return name ? `model.layers.${layer}.${name}.weight` : null;
}

/** `model.layers.3.self_attn.q_proj` → `blk.3.attn_q.weight`; null for a module that Llama does not have. */
export function ggufName(module: string): string | null {
  const [, layer, part] = /^model\.layers\.(\d+)\.(.+)$/.exec(module) ?? [];
  const found = Object.entries(LAYER_NAMES).find(([, name]) => name === part);
  return found ? `blk.${layer}.${found[0]}.weight` : null;
}

/** `model.layers.3.self_attn.q_proj.weight` → `blk.3.attn_q.weight`; null for a tensor that Llama does not have. */
export function ggufTensorName(transformersTensor: string): string | null {
  const outer = Object.entries(OUTER_NAMES).find(([, name]) => name === transformersTensor);
  return outer ? outer[0] : ggufName(transformersTensor.replace(/\.weight$/, ''));
}

/** Heads whose rows llama.cpp interleaves for its rotary embedding; null where rows stay as they are. */
export function interleavedHeads(ggufTensor: string, heads: { num_heads: number; num_key_value_heads: number }): number | null {
  if (ggufTensor.includes('.attn_q.')) return heads.num_heads;
  if (ggufTensor.includes('.attn_k.')) return heads.num_key_value_heads;
  return null;
}

/**
 * Rows in llama.cpp's order put into Transformers' order, or back.
 *
 * Transformers holds a head as [first half | second half], llama.cpp as pairs (conversion/llama.py, `permute`:
 * reshape(heads, 2, dim/2).swap(1, 2)).
 */
export function reorderHeadRows(weights: Float32Array, shape: number[], numHeads: number, to: 'transformers' | 'gguf'): Float32Array {
  const bytes = Buffer.from(weights.buffer, weights.byteOffset, weights.byteLength);
  const reordered = reorderHeadRowBytes(bytes, shape[0] as number, numHeads, to);
  return new Float32Array(reordered.buffer, reordered.byteOffset, weights.length);
}

/** The same for rows of any type, as bytes. */
export function reorderHeadRowBytes(bytes: Buffer, numRows: number, numHeads: number, to: 'transformers' | 'gguf'): Buffer {
  const rowBytes = bytes.length / numRows;
  const half = numRows / numHeads / 2;
  // Not from the pool: a Float32Array over it wants an offset that is a multiple of four.
  const reordered = Buffer.from(new ArrayBuffer(bytes.length));
  for (let head = 0; head < numHeads; head++) {
    for (let side = 0; side < 2; side++) {
      for (let i = 0; i < half; i++) {
        const halves = (head * 2 + side) * half + i;
        const pairs = (head * half + i) * 2 + side;
        const [from, into] = to === 'transformers' ? [pairs, halves] : [halves, pairs];
        bytes.copy(reordered, into * rowBytes, from * rowBytes, (from + 1) * rowBytes);
      }
    }
  }
  return reordered;
}
