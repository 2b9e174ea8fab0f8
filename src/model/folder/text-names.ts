/** Names of a text decoder's tensors, whether it stands alone or within a wrapper. */

const OUTER_NAMES: Record<string, string> = {
  'embed_tokens.weight': 'token_embd.weight',
  'norm.weight': 'output_norm.weight',
  'lm_head.weight': 'output.weight',
};

/** What wrappers put before a decoder's names; Transformers 4 and 5 order them differently. */
const DECODER = /^(?:base_model\.model\.)?(?:model\.language_model\.|language_model\.model\.|language_model\.|model\.)?/;

/** `model.language_model.layers.3.x` and `model.layers.3.x` → `layers.3.x`. */
export function withoutWrapper(tensor: string): string {
  return tensor.replace(DECODER, '');
}

/** @param layerNames of GGUF, by those within a layer of Transformers */
export function textTensorName(tensor: string, layerNames: Record<string, string>): string | null {
  const name = withoutWrapper(tensor);
  const [, layer, part] = /^layers\.(\d+)\.(.+)$/.exec(name) ?? [];
  if (!part) return OUTER_NAMES[name] ?? null;
  const inner = layerNames[part];
  return inner ? `blk.${layer}.${inner}` : null;
}
