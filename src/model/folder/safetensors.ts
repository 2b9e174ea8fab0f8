/** Safetensors files: writing float32 weights, reading an adapter. Format: huggingface/safetensors README. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { z } from 'zod';
import { AppError } from '../../protocol/errors.js';
import { dequantize } from '../gguf/dequantize.js';
import { byteLength } from '../gguf/read.js';
import { numWeightsOf } from '../num-weights.js';
import { readBuffer, writeBuffer } from '../whole-buffers.js';

const TensorEntry = z.object({
  dtype: z.string(),
  shape: z.array(z.int().min(0)).max(8),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});
const Header = z.object({ __metadata__: z.record(z.string(), z.string()).optional() }).catchall(TensorEntry);

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
    const end = offset + numWeightsOf(shape) * 4;
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = Buffer.from(JSON.stringify(header));
  const headerBytes = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(headerBytes.length));
  const file = await open(path, 'w', 0o600);
  try {
    await writeBuffer(file, length);
    await writeBuffer(file, headerBytes);
    for (const tensor of tensors) {
      const weights = await tensor.read();
      await writeBuffer(file, Buffer.from(weights.buffer, weights.byteOffset, weights.byteLength));
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Types that are copied as they are. */
const STORED_TYPES = ['F32', 'F16', 'BF16'] as const;

export interface StoredTensor {
  name: string;
  /** Rows first. */
  shape: number[];
  type: (typeof STORED_TYPES)[number];
  path: string;
  /** Absolute position in the file, in bytes. */
  offset: number;
  byte_length: number;
}

/**
 * The position of each tensor in a file.
 * @throws AppError weights-unsupported when the header has wrong sizes or another type
 */
export function readSafetensorsHeader(path: string): StoredTensor[] {
  const refuse = (problem: string): never => {
    throw new AppError('weights-unsupported', { file: path, problem });
  };
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const length = Buffer.alloc(8);
    const headerLength = readSync(file, length, 0, 8, 0) === 8 ? Number(length.readBigUInt64LE(0)) : Number.POSITIVE_INFINITY;
    if (headerLength > MAX_HEADER_BYTES || 8 + headerLength > size) return refuse('not a safetensors file');
    const bytes = Buffer.alloc(headerLength);
    readSync(file, bytes, 0, headerLength, 8);
    const header = Header.safeParse(jsonOf(bytes));
    if (!header.success) return refuse(`its header is none of a safetensors file: ${z.prettifyError(header.error).split('\n')[0]}`);
    const entries = Object.entries(header.data).filter(
      (entry): entry is [string, z.infer<typeof TensorEntry>] => entry[0] !== '__metadata__',
    );
    return entries.map(([name, { dtype, shape, data_offsets }]) => {
      const type = STORED_TYPES.find((known) => known === dtype) ?? refuse(`tensor ${name} is ${dtype}, not ${STORED_TYPES.join(', ')}`);
      const [start, end] = data_offsets.map((offset) => 8 + headerLength + offset) as [number, number];
      if (start < 8 + headerLength || end > size || end - start !== byteLength(type, shape)) refuse(`tensor ${name} is cut short`);
      return { name, shape, type, path, offset: start, byte_length: end - start };
    });
  } finally {
    closeSync(file);
  }
}

export async function readStoredTensor(tensor: StoredTensor): Promise<Buffer> {
  const file = await open(tensor.path, 'r');
  try {
    return await readBuffer(file, tensor.offset, tensor.byte_length);
  } finally {
    await file.close();
  }
}

/**
 * All tensors of a file that fits into memory (adapters), as float32 numbers: TRL holds those of QLoRA in bfloat16.
 * @throws AppError weights-unsupported when the header has wrong sizes, or a type is not F32, F16 or BF16
 */
export async function readSafetensors(path: string): Promise<{ name: string; shape: number[]; weights: Float32Array }[]> {
  const tensors = readSafetensorsHeader(path);
  return await Promise.all(
    tensors.map(async (tensor) => {
      const { name, shape, type } = tensor;
      return { name, shape, weights: dequantize(type, await readStoredTensor(tensor)) };
    }),
  );
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}
