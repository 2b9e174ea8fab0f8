/**
 * A GGUF header walked by its own lengths, before the library reads it: that gives memory and time to as much as a header
 * claims. Each string, array and tensor has to lie within the file. Format: ggml docs/gguf.md, version 3.
 */
import { open } from 'node:fs/promises';
import { readBuffer } from '../whole-buffers.js';
import { VALUE_BYTES } from './values.js';

const MAX_TENSORS = 100_000;
const MAX_KEYS = 10_000;
/** A vocabulary of a million entries is 40 MB. */
const MAX_HEADER_BYTES = 500_000_000;
const PIECE_BYTES = 4_000_000;
const MAX_DIMENSIONS = 8;
const [STRING, ARRAY] = [8, 9];
/** A string's length, which it has even when it is empty. */
const LEAST_STRING_BYTES = 8;

/** Throws Error saying what is wrong. */
export async function checkGgufHeader(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    let bytes = Buffer.alloc(0);
    let at = 0;
    /** Moves on by so many bytes, which have to be there. */
    const pass = async (count: number): Promise<number> => {
      if (at + count > Math.min(size, MAX_HEADER_BYTES)) throw new Error(`its header ends at byte ${size}, in the middle of an entry`);
      while (bytes.length < at + count)
        bytes = Buffer.concat([bytes, await readBuffer(file, bytes.length, Math.max(PIECE_BYTES, at + count - bytes.length))]);
      at += count;
      return at - count;
    };
    // `bytes.read…(await …)` would read of the buffer as it was before.
    const uint32 = async () => {
      const start = await pass(4);
      return bytes.readUInt32LE(start);
    };
    const uint64 = async () => {
      const start = await pass(8);
      return Number(bytes.readBigUInt64LE(start));
    };
    const string = async () => {
      await pass(await uint64());
    };
    const value = async (type: number): Promise<void> => {
      if (type === STRING) return await string();
      if (type !== ARRAY) {
        await pass(VALUE_BYTES[type] ?? unknownType(type));
        return;
      }
      const of = await uint32();
      const count = await uint64();
      const least = of === STRING ? LEAST_STRING_BYTES : (VALUE_BYTES[of] ?? unknownType(of));
      if (count * least > size) throw new Error(`a list claims ${count} entries`);
      if (of === STRING) for (let entry = 0; entry < count; entry++) await string();
      else await pass(count * least);
    };
    await pass(4);
    if (bytes.toString('latin1', 0, 4) !== 'GGUF') throw new Error('it does not begin as one');
    const version = await uint32();
    if (version !== 2 && version !== 3) throw new Error(`it is of version ${version}`);
    const [numTensors, numKeys] = [await uint64(), await uint64()];
    if (numTensors > MAX_TENSORS || numKeys > MAX_KEYS) throw new Error(`it claims ${numTensors} tensors and ${numKeys} keys`);
    for (let key = 0; key < numKeys; key++) {
      await string();
      await value(await uint32());
    }
    for (let tensor = 0; tensor < numTensors; tensor++) {
      await string();
      const numDimensions = await uint32();
      if (numDimensions > MAX_DIMENSIONS) throw new Error(`a tensor claims ${numDimensions} dimensions`);
      await pass(numDimensions * 8 + 4 + 8);
    }
  } finally {
    await file.close();
  }
}

function unknownType(type: number): never {
  throw new Error(`a value is of type ${type}, which is none`);
}
