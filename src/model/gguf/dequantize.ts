/** Quantized weights as the float32 numbers they stand for, bit for bit those of the `gguf` Python package. */
import { dequantizeQ6K, dequantizeQ45K } from './dequantize-k.js';
import { halfToFloat } from './half.js';
import { TENSOR_TYPES, type TensorType } from './read.js';

/**
 * @param bytes blocks of the type, one after another
 * @returns one float32 per weight, in the file's order
 *
 * Formulas: ggml-quants.c, dequantize_row_q4_0, _q4_1, _q5_0, _q5_1 and _q8_0 (llama.cpp v0.5.0).
 */
export function dequantize(type: TensorType, bytes: Buffer): Float32Array {
  const { block_weights, block_bytes } = TENSOR_TYPES[type];
  const numBlocks = bytes.length / block_bytes;
  const weights = new Float32Array(numBlocks * block_weights);
  switch (type) {
    case 'F32':
      for (let i = 0; i < numBlocks; i++) weights[i] = bytes.readFloatLE(i * 4);
      return weights;
    case 'F16':
      for (let i = 0; i < numBlocks; i++) weights[i] = halfToFloat(bytes.readUInt16LE(i * 2));
      return weights;
    case 'BF16':
      for (let i = 0; i < numBlocks; i++) weights[i] = bfloatToFloat(bytes.readUInt16LE(i * 2));
      return weights;
    case 'Q8_0':
      for (let block = 0; block < numBlocks; block++) {
        const start = block * 34;
        const scale = halfToFloat(bytes.readUInt16LE(start));
        for (let i = 0; i < 32; i++) weights[block * 32 + i] = scale * bytes.readInt8(start + 2 + i);
      }
      return weights;
    case 'Q4_0':
    case 'Q4_1':
      dequantizeFourBits(type, bytes, weights);
      return weights;
    case 'Q5_0':
    case 'Q5_1':
      dequantizeFiveBits(type, bytes, weights);
      return weights;
    case 'Q4_K':
      dequantizeQ45K(bytes, weights, 4);
      return weights;
    case 'Q5_K':
      dequantizeQ45K(bytes, weights, 5);
      return weights;
    case 'Q6_K':
      dequantizeQ6K(bytes, weights);
      return weights;
  }
}

/** Low nibbles are the first 16 weights of a block, high nibbles the last 16. */
function dequantizeFourBits(type: 'Q4_0' | 'Q4_1', bytes: Buffer, weights: Float32Array): void {
  const { block_bytes } = TENSOR_TYPES[type];
  const header = block_bytes - 16;
  for (let block = 0; block * 32 < weights.length; block++) {
    const start = block * block_bytes;
    const scale = halfToFloat(bytes.readUInt16LE(start));
    const minimum = type === 'Q4_1' ? halfToFloat(bytes.readUInt16LE(start + 2)) : 0;
    const zero = type === 'Q4_0' ? 8 : 0;
    for (let i = 0; i < 16; i++) {
      const pair = bytes[start + header + i] as number;
      // The product is rounded to float32 before the minimum is added, as C and numpy do.
      weights[block * 32 + i] = Math.fround(scale * ((pair & 15) - zero)) + minimum;
      weights[block * 32 + 16 + i] = Math.fround(scale * ((pair >> 4) - zero)) + minimum;
    }
  }
}

/** As four bits, with the fifth bits of a block's 32 weights in one little-endian word before the nibbles. */
function dequantizeFiveBits(type: 'Q5_0' | 'Q5_1', bytes: Buffer, weights: Float32Array): void {
  const { block_bytes } = TENSOR_TYPES[type];
  const header = block_bytes - 20;
  for (let block = 0; block * 32 < weights.length; block++) {
    const start = block * block_bytes;
    const scale = halfToFloat(bytes.readUInt16LE(start));
    const minimum = type === 'Q5_1' ? halfToFloat(bytes.readUInt16LE(start + 2)) : 0;
    const zero = type === 'Q5_0' ? 16 : 0;
    const fifths = bytes.readUInt32LE(start + header);
    for (let i = 0; i < 16; i++) {
      const pair = bytes[start + header + 4 + i] as number;
      const low = (pair & 15) | (((fifths >>> i) & 1) << 4);
      const high = (pair >> 4) | (((fifths >>> (i + 16)) & 1) << 4);
      weights[block * 32 + i] = Math.fround(scale * (low - zero)) + minimum;
      weights[block * 32 + 16 + i] = Math.fround(scale * (high - zero)) + minimum;
    }
  }
}

const view = new DataView(new ArrayBuffer(4));

function bfloatToFloat(bits: number): number {
  view.setUint32(0, bits << 16);
  return view.getFloat32(0);
}
