/** Reading and writing buffers of any size: one call of the system moves at most 2 GiB (read(2), write(2)), and may move less than asked. */
import type { FileHandle } from 'node:fs/promises';

const PIECE_BYTES = 1 << 30;

/** The bytes from a position on; fewer than asked where the file ends before. */
export async function readBuffer(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, Math.min(PIECE_BYTES, length - done), position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

export async function writeBuffer(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, Math.min(PIECE_BYTES, bytes.length - done))).bytesWritten;
  }
}
