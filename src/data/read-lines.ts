/** Lines of a text file as they come, packed with gzip or not; nothing of the file is held but the line at hand. */
import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { decoderOf, type Encoding, isUtf16, notIn } from './encodings.js';

/** A row of more is no text for a model: 64 MB are some 16 million tokens. */
export const MAX_LINE_BYTES = 64_000_000;

/** Text packs to a tenth, and deflate at most to a thousandth (RFC 1951): from here on it is made to fill a disk. */
const MAX_UNPACKED_TIMES = 200;
const ALWAYS_UNPACKED_BYTES = 200_000_000;

export type Line = { line: number; text: string } | { line: number; problem: string };

const NEWLINE = 10;
const SAMPLE_BYTES = 1000;

export function isGzip(file: string): boolean {
  const [first, second] = firstBytes(file);
  return first === 0x1f && second === 0x8b;
}

function firstBytes(file: string): Buffer {
  const handle = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(SAMPLE_BYTES);
    return bytes.subarray(0, readSync(handle, bytes, 0, SAMPLE_BYTES, 0));
  } finally {
    closeSync(handle);
  }
}

/** The file's bytes, unpacked. Throws what zlib throws for a broken archive, and for one that unpacks to far more than text does. */
export async function* openBytes(file: string): AsyncGenerator<Buffer> {
  const stream = createReadStream(file, { highWaterMark: 1 << 20 });
  if (!isGzip(file)) {
    yield* stream;
    return;
  }
  const unpacked = createGunzip({ chunkSize: 1 << 20 });
  stream.once('error', (error) => unpacked.destroy(error));
  const most = Math.max(ALWAYS_UNPACKED_BYTES, statSync(file).size * MAX_UNPACKED_TIMES);
  let size = 0;
  for await (const chunk of stream.pipe(unpacked) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) throw new Error(`it unpacks to more than ${MAX_UNPACKED_TIMES} times its size`);
    yield chunk;
  }
}

/** The file's text in pieces. Throws TypeError where it is not in the encoding, and what `openBytes` throws. */
export async function* openText(file: string, encoding: Encoding): AsyncGenerator<string> {
  let decoder: TextDecoder | null = null;
  for await (const chunk of openBytes(file)) {
    decoder ??= decoderOf(encoding, chunk);
    try {
      yield decoder.decode(chunk, { stream: true });
    } catch {
      throw new TypeError(notIn(encoding, chunk));
    }
  }
  yield decoder?.decode() ?? '';
}

/** Lines without their ends (LF or CRLF) and without a byte order mark; a line that is not text yields a problem, and reading continues. */
export async function* readLines(file: string, encoding: Encoding = 'utf-8'): AsyncGenerator<Line> {
  if (encoding === 'utf-16') {
    yield* linesOfText(file, encoding);
    return;
  }
  const start = firstBytes(file);
  if (encoding === 'utf-8' && !isGzip(file) && isUtf16(start)) {
    yield { line: 1, problem: notIn(encoding, start) };
    return;
  }
  const decoder = decoderOf(encoding);
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
    return decode(bytes, number, { decoder, encoding });
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

/** In an encoding of two bytes a letter, where a line's end is no byte of its own. */
async function* linesOfText(file: string, encoding: Encoding): AsyncGenerator<Line> {
  let number = 0;
  let rest = '';
  try {
    for await (const text of openText(file, encoding)) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() as string;
      if (rest.length > MAX_LINE_BYTES) throw new Error(`a line is longer than ${MAX_LINE_BYTES / 1e6} MB`);
      for (const line of lines) yield { line: ++number, text: line.replace(/\r$/, '') };
    }
  } catch (error) {
    yield { line: number + 1, problem: `the file cannot be read on: ${(error as Error).message}` };
    return;
  }
  if (rest !== '') yield { line: ++number, text: rest };
}

function decode(bytes: Buffer, line: number, { decoder, encoding }: { decoder: TextDecoder; encoding: Encoding }): Line {
  const end = bytes.at(-1) === 13 ? bytes.length - 1 : bytes.length;
  const isFirst = line === 1 && encoding === 'utf-8' && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  try {
    return { line, text: decoder.decode(bytes.subarray(isFirst ? 3 : 0, end)) };
  } catch {
    return { line, problem: notIn(encoding, bytes) };
  }
}
