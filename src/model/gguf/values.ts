/** Metadata values of a GGUF file that Slipway writes. Format: ggml docs/gguf.md, version 3. */

export type GgufValue =
  | { type: 'uint32' | 'int32' | 'float32'; value: number }
  | { type: 'bool'; value: boolean }
  | { type: 'string'; value: string }
  | { type: 'array'; of: 'string'; value: string[] }
  | { type: 'array'; of: 'int32' | 'float32'; value: number[] };

/** GGUF's own numbers of the value types that are written. */
export const VALUE_TYPE_IDS = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 };

/** Bytes of a metadata value by its type number; strings (8) and arrays (9) say their own length (ggml docs/gguf.md). */
export const VALUE_BYTES: Record<number, number> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };
