/** Types with blocks of 256 weights whose scales are quantized too. Formulas: ggml-quants.c, dequantize_row_q4_K, _q5_K, _q6_K (llama.cpp v0.5.0). */
import { halfToFloat } from './half.js';

const BLOCK = 256;
const { fround } = Math;

/** 6-bit scale and minimum of eighth `j` of a block, packed in 12 bytes (ggml-quants.c, get_scale_min_k4). */
function scaleAndMinimum(bytes: Buffer, start: number, j: number): [number, number] {
  const at = (index: number) => bytes[start + index] as number;
  if (j < 4) return [at(j) & 63, at(j + 4) & 63];
  return [(at(j + 4) & 15) | ((at(j - 4) >> 6) << 4), (at(j + 4) >> 4) | ((at(j) >> 6) << 4)];
}

/** Q4_K: 144 bytes of scale, minimum, 12 bytes of eighths, 128 of nibbles. Q5_K: 32 bytes of fifth bits before the nibbles. */
export function dequantizeQ45K(bytes: Buffer, weights: Float32Array, bits: 4 | 5): void {
  const blockBytes = bits === 4 ? 144 : 176;
  const nibbles = bits === 4 ? 16 : 48;
  for (let block = 0; block * BLOCK < weights.length; block++) {
    const start = block * blockBytes;
    const [scale, minimum] = [halfToFloat(bytes.readUInt16LE(start)), halfToFloat(bytes.readUInt16LE(start + 2))];
    for (let j = 0; j < 8; j++) {
      const [eighth, eighthMinimum] = scaleAndMinimum(bytes, start + 4, j);
      const [factor, offset] = [fround(scale * eighth), fround(minimum * eighthMinimum)];
      for (let i = 0; i < 32; i++) {
        const pair = bytes[start + nibbles + (j >> 1) * 32 + i] as number;
        const low = j & 1 ? pair >> 4 : pair & 15;
        const fifth = bits === 5 && ((bytes[start + 16 + i] as number) >> j) & 1 ? 16 : 0;
        weights[block * BLOCK + j * 32 + i] = fround(factor * (low + fifth)) - offset;
      }
    }
  }
}

/** Q6_K: 128 bytes of low nibbles, 64 of upper pairs of bits, 16 scales, one factor: 210 bytes. */
export function dequantizeQ6K(bytes: Buffer, weights: Float32Array): void {
  for (let block = 0; block * BLOCK < weights.length; block++) {
    const start = block * 210;
    const factor = halfToFloat(bytes.readUInt16LE(start + 208));
    for (let half = 0; half < 2; half++) {
      for (let i = 0; i < 32; i++) {
        const high = bytes[start + 128 + half * 32 + i] as number;
        const [first, second] = [bytes[start + half * 64 + i] as number, bytes[start + half * 64 + 32 + i] as number];
        const values = [first & 15, second & 15, first >> 4, second >> 4];
        values.forEach((low, quarter) => {
          const value = (low | (((high >> (2 * quarter)) & 3) << 4)) - 32;
          const scale = bytes.readInt8(start + 192 + half * 8 + (i >> 4) + 2 * quarter);
          weights[block * BLOCK + half * 128 + quarter * 32 + i] = fround(factor * scale) * value;
        });
      }
    }
  }
}
