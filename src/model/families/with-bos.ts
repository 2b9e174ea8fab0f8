/** A chat template that brings its own first token. */

/** Servers render a template without knowing its tokenizer: `bos_token` would be empty there. */
export function withBos(template: string, bos: string): string {
  return template.includes('bos_token') ? `{%- set bos_token = '${bos}' -%}${template}` : template;
}
