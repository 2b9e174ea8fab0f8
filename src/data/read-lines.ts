/** Lines of a text file as they come, packed with gzip or not; nothing of the file is held but the line at hand. */
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { createGunzip } from 'node:zlib';

/** A row of more is no text for a model: 64 MB are some 16 million tokens. */
export const MAX_LINE_BYTES = 64_000_000;

export type Line = { line: number; text: string } | { line: number; problem: string };

const BYTE_ORDER_MARKS: [string, number[]][] = [
  ['UTF-16', [0xff, 0xfe]],
  ['UTF-16', [0xfe, 0xff]],
];
const NEWLINE = 10;

export function isGzip(file: string): boolean {
  const [first, second] = firstBytes(file);
  return first === 0x1f && second === 0x8b;
}

function firstBytes(file: string): Buffer {
  const handle = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(2);
    readSync(handle, bytes, 0, 2, 0);
    return bytes;
  } finally {
    closeSync(handle);
  }
}

/** The file's bytes, unpacked. Throws what zlib throws for a broken archive. */
export function openBytes(file: string): AsyncIterable<Buffer> {
  const stream = createReadStream(file, { highWaterMark: 1 << 20 });
  if (!isGzip(file)) return stream;
  const unpacked = createGunzip({ chunkSize: 1 << 20 });
  stream.once('error', (error) => unpacked.destroy(error));
  return stream.pipe(unpacked);
}

/** Lines without their ends (LF or CRLF) and without a byte order mark; a line that is not text yields a problem, and reading continues. */
export async function* readLines(file: string): AsyncGenerator<Line> {
  const [first, second] = firstBytes(file);
  const other = BYTE_ORDER_MARKS.find(([, [a, b]]) => a === first && b === second);
  if (other) {
    yield { line: 1, problem: `the file is ${other[0]}: save it as UTF-8` };
    return;
  }
  let number = 0;
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  const finish = (): Line => {
    number++;
    const bytes = pending.length === 1 ? (pending[0] as Buffer) : Buffer.concat(pending);
    const tooLong = pendingBytes > MAX_LINE_BYTES;
    pending = [];
    pendingBytes = 0;
    if (tooLong) return { line: number, problem: `longer than ${MAX_LINE_BYTES / 1e6} MB` };
    return decode(bytes, number);
  };
  try {
    for await (const chunk of openBytes(file)) {
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
        hold(chunk.subarray(start, end));
        yield finish();
        start = end + 1;
      }
      hold(chunk.subarray(start));
    }
  } catch (error) {
    yield { line: number + 1, problem: `the file cannot be read on: ${(error as Error).message}` };
    return;
  }
  if (pendingBytes > 0) yield finish();

  /** What is over the limit is counted and not kept. */
  function hold(bytes: Buffer): void {
    pendingBytes += bytes.length;
    if (pendingBytes <= MAX_LINE_BYTES) pending.push(bytes);
  }
}

/** A decoder keeps the byte order mark's place: only the file's first line may have one. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(bytes: Buffer, line: number): Line {
  const end = bytes.at(-1) === 13 ? bytes.length - 1 : bytes.length;
  try {
    const text = decoder.decode(bytes.subarray(0, end));
    return { line, text: line === 1 ? text.replace(/^\uFEFF/, '') : text };
  } catch {
    return { line, problem: 'not UTF-8: save the file as UTF-8' };
  }
}
