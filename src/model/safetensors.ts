/** Safetensors files: writing float32 weights, reading an adapter. Format: huggingface/safetensors README. */
import { open, readFile } from 'node:fs/promises';
import { AppError } from '../protocol/errors.js';
import { numWeights } from './read-gguf.js';

export interface NamedWeights {
  name: string;
  /** Rows first. */
  shape: number[];
  /** Called when its turn comes, so that only one tensor is in memory. */
  read: () => Promise<Float32Array>;
}

/** An adapter's header is some kilobytes; one that claims more is no adapter. */
const MAX_HEADER_BYTES = 100_000_000;

export async function writeSafetensors(path: string, tensors: NamedWeights[]): Promise<void> {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let offset = 0;
  for (const { name, shape } of tensors) {
    const end = offset + numWeights(shape) * 4;
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = Buffer.from(JSON.stringify(header));
  const headerBytes = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(headerBytes.length));
  const file = await open(path, 'w', 0o600);
  try {
    await file.write(length);
    await file.write(headerBytes);
    for (const tensor of tensors) {
      const weights = await tensor.read();
      await file.write(Buffer.from(weights.buffer, weights.byteOffset, weights.byteLength));
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * All tensors of a float32 file, for files that fit into memory (adapters).
 * @throws AppError weights-unsupported when the header lies about sizes or the type is not F32
 */
export async function readSafetensors(path: string): Promise<{ name: string; shape: number[]; weights: Float32Array }[]> {
  const bytes = await readFile(path);
  const refuse = (problem: string): never => {
    throw new AppError('weights-unsupported', { file: path, problem });
  };
  const headerLength = bytes.length >= 8 ? Number(bytes.readBigUInt64LE(0)) : Number.POSITIVE_INFINITY;
  if (headerLength > MAX_HEADER_BYTES || 8 + headerLength > bytes.length) refuse('not a safetensors file');
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerLength)) as Record<string, TensorEntry>;
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__');
  return entries.map(([name, { dtype, shape, data_offsets }]) => {
    if (dtype !== 'F32') refuse(`tensor ${name} is ${dtype}, not F32`);
    const [start, end] = data_offsets.map((offset) => 8 + headerLength + offset) as [number, number];
    if (end > bytes.length || end - start !== numWeights(shape) * 4) refuse(`tensor ${name} is cut short`);
    // A copy, because Float32Array wants an offset that is a multiple of four.
    return { name, shape, weights: new Float32Array(new Uint8Array(bytes.subarray(start, end)).buffer) };
  });
}

interface TensorEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}
