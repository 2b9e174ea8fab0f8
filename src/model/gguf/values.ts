/** Metadata values of a GGUF file that Slipway writes. Format: ggml docs/gguf.md, version 3. */

export type GgufValue =
  | { type: 'uint32' | 'int32' | 'float32'; value: number }
  | { type: 'bool'; value: boolean }
  | { type: 'string'; value: string }
  | { type: 'array'; of: 'string'; value: string[] }
  | { type: 'array'; of: 'int32' | 'float32'; value: number[] };

/** GGUF's own numbers of the value types that are written. */
export const VALUE_TYPE_IDS = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 };
