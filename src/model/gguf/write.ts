/** Writing a GGUF file, one tensor after another. Format: ggml docs/gguf.md, version 3. */
import { type FileHandle, open } from 'node:fs/promises';
import { writeBuffer } from '../whole-buffers.js';
import { byteLength, TENSOR_TYPES, type TensorType } from './read.js';
import { type GgufValue, VALUE_TYPE_IDS } from './values.js';

export interface TensorToWrite {
  name: string;
  /** Rows first. */
  shape: number[];
  /** Default: F32. */
  type?: TensorType;
  /** Called when its turn comes, so that only one tensor is in memory: numbers, or bytes of the type. */
  read: () => Promise<Float32Array | Buffer>;
}

const ALIGNMENT = 32;

export async function writeGguf(path: string, metadata: Record<string, GgufValue>, tensors: TensorToWrite[]): Promise<void> {
  const header = [Buffer.from('GGUF'), uint32(3), uint64(tensors.length), uint64(Object.keys(metadata).length)];
  for (const [key, value] of Object.entries(metadata)) header.push(text(key), encodeValue(value));
  let offset = 0;
  for (const tensor of tensors) {
    const sizes = [...tensor.shape].reverse();
    header.push(text(tensor.name), uint32(sizes.length), ...sizes.map(uint64));
    const type = tensor.type ?? 'F32';
    header.push(uint32(TENSOR_TYPES[type].ggml_id), uint64(offset));
    offset += padded(byteLength(type, tensor.shape));
  }
  const file = await open(path, 'w', 0o600);
  try {
    const headerBytes = Buffer.concat(header);
    await writePadded(file, headerBytes);
    for (const tensor of tensors) {
      const weights = await tensor.read();
      await writePadded(file, Buffer.from(weights.buffer, weights.byteOffset, weights.byteLength));
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

function encodeValue(entry: GgufValue): Buffer {
  const typeId = uint32(VALUE_TYPE_IDS[entry.type]);
  switch (entry.type) {
    case 'uint32':
    case 'int32':
      return Buffer.concat([typeId, uint32(entry.value)]);
    case 'float32':
      return Buffer.concat([typeId, float32(entry.value)]);
    case 'bool':
      return Buffer.concat([typeId, Buffer.from([entry.value ? 1 : 0])]);
    case 'string':
      return Buffer.concat([typeId, text(entry.value)]);
    case 'array':
      return Buffer.concat([typeId, uint32(VALUE_TYPE_IDS[entry.of]), uint64(entry.value.length), ...encodeItems(entry)]);
  }
}

function encodeItems(entry: Extract<GgufValue, { type: 'array' }>): Buffer[] {
  if (entry.of === 'string') return entry.value.map(text);
  return entry.value.map(entry.of === 'float32' ? float32 : uint32);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function float32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([uint64(bytes.length), bytes]);
}

function padded(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

async function writePadded(file: FileHandle, bytes: Buffer): Promise<void> {
  await writeBuffer(file, bytes);
  await writeBuffer(file, Buffer.alloc(padded(bytes.length) - bytes.length));
}
