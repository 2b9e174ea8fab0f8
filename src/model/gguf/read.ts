/** Reading a GGUF file: its metadata and the position of each tensor's bytes. */
import { open } from 'node:fs/promises';
import { GGMLQuantizationType, gguf } from '@huggingface/gguf';
import { AppError } from '../../protocol/errors.js';
import { numWeightsOf } from '../num-weights.js';
import { readBuffer } from '../whole-buffers.js';
import { checkGgufHeader } from './check-header.js';
import { readGgufTokens } from './tokens.js';
import { type GgufValue, VALUE_TYPE_IDS } from './values.js';

export interface GgufTensor {
  name: string;
  /** Rows first, as in PyTorch; the file has them the other way round. */
  shape: number[];
  type: TensorType;
  /** Absolute position in the file, in bytes. */
  offset: number;
  byte_length: number;
}

export interface GgufFile {
  path: string;
  metadata: Record<string, unknown>;
  /** The metadata as it can be written again; values of types that no model of ours has are not in it. */
  typed_metadata: Record<string, GgufValue>;
  tensors: GgufTensor[];
}

/** Types that Slipway reads, with their block size in weights and bytes (ggml-common.h, llama.cpp v0.5.0). */
export const TENSOR_TYPES = {
  F32: { ggml_id: 0, block_weights: 1, block_bytes: 4 },
  F16: { ggml_id: 1, block_weights: 1, block_bytes: 2 },
  Q4_0: { ggml_id: 2, block_weights: 32, block_bytes: 18 },
  Q4_1: { ggml_id: 3, block_weights: 32, block_bytes: 20 },
  Q5_0: { ggml_id: 6, block_weights: 32, block_bytes: 22 },
  Q5_1: { ggml_id: 7, block_weights: 32, block_bytes: 24 },
  Q8_0: { ggml_id: 8, block_weights: 32, block_bytes: 34 },
  Q4_K: { ggml_id: 12, block_weights: 256, block_bytes: 144 },
  Q5_K: { ggml_id: 13, block_weights: 256, block_bytes: 176 },
  Q6_K: { ggml_id: 14, block_weights: 256, block_bytes: 210 },
  BF16: { ggml_id: 30, block_weights: 1, block_bytes: 2 },
} as const;
export type TensorType = keyof typeof TENSOR_TYPES;

/** @throws AppError weights-unsupported for a file that is no GGUF or holds a type that Slipway does not read. */
export async function readGguf(path: string): Promise<GgufFile> {
  try {
    return await readHeader(path);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('weights-unsupported', { file: path, problem: `not a readable GGUF file (${String(cause)})` }, { cause });
  }
}

/** Throws whatever a header leads to that is cut or made to be wrong. */
async function readHeader(path: string): Promise<GgufFile> {
  await checkGgufHeader(path);
  const parsed = await gguf(path, { allowLocalFile: true, typedMetadata: true });
  const dataOffset = Number(parsed.tensorDataOffset);
  const tensors = parsed.tensorInfos.map((info): GgufTensor => {
    const type = (Object.keys(TENSOR_TYPES) as TensorType[]).find((name) => TENSOR_TYPES[name].ggml_id === info.dtype);
    if (!type) {
      const name = GGMLQuantizationType[info.dtype] ?? `type ${info.dtype}`;
      throw new AppError('weights-unsupported', { file: path, problem: `tensor ${info.name} is ${name}` });
    }
    const shape = info.shape.map(Number).reverse();
    return { name: info.name, shape, type, offset: dataOffset + Number(info.offset), byte_length: byteLength(type, shape) };
  });
  const typed = Object.entries(parsed.typedMetadata).flatMap(([key, entry]) => {
    const value = HEADER_FIELDS.includes(key) ? null : typedValue(entry);
    return value ? [[key, value] as const] : [];
  });
  const metadata = { ...(parsed.metadata as Record<string, unknown>) };
  const typed_metadata: Record<string, GgufValue> = Object.fromEntries(typed);
  const tokens = readGgufTokens(await readBytes(path, 0, dataOffset));
  if (tokens) {
    metadata['tokenizer.ggml.tokens'] = tokens;
    typed_metadata['tokenizer.ggml.tokens'] = { type: 'array', of: 'string', value: tokens };
  }
  return { path, metadata, typed_metadata, tensors };
}

/** What the library adds to the metadata from the file's header. */
const HEADER_FIELDS = ['version', 'tensor_count', 'kv_count'];

function typedValue({ value, type, subType }: { value: unknown; type: number; subType?: number }): GgufValue | null {
  const nameOf = (id?: number) => Object.entries(VALUE_TYPE_IDS).find(([, known]) => known === id)?.[0];
  const name = nameOf(type);
  if (!name) return null;
  if (name !== 'array') return { type: name, value } as GgufValue;
  const of = nameOf(subType);
  return of === 'string' || of === 'int32' || of === 'float32' ? ({ type: name, of, value } as GgufValue) : null;
}

/** @throws AppError weights-unsupported for a file that ends before the tensor does */
export async function readTensorBytes(file: GgufFile, tensor: GgufTensor): Promise<Buffer> {
  const bytes = await readBytes(file.path, tensor.offset, tensor.byte_length);
  if (bytes.length === tensor.byte_length) return bytes;
  throw new AppError('weights-unsupported', { file: file.path, problem: `cut short in tensor ${tensor.name}` });
}

async function readBytes(path: string, offset: number, length: number): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    return await readBuffer(handle, offset, length);
  } finally {
    await handle.close();
  }
}

export function byteLength(type: TensorType, shape: number[]): number {
  const { block_weights, block_bytes } = TENSOR_TYPES[type];
  return (numWeightsOf(shape) / block_weights) * block_bytes;
}
