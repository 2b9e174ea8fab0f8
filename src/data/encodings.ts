/** Encodings that a text file may be read in, and which one a file looks like that is not UTF-8. */
import type { z } from 'zod';
import type { FileEncoding } from '../protocol/recipe.js';

export type Encoding = z.infer<typeof FileEncoding>;

/** Names of the WHATWG's Encoding Standard; its latin1 is Windows-1252, which has all of Latin-1's letters. */
const LABELS: Record<Encoding, string> = { 'utf-8': 'utf-8', latin1: 'windows-1252', 'utf-16': 'utf-16le' };

/** As people write them. */
export const NAMES: Record<Encoding, string> = { 'utf-8': 'UTF-8', latin1: 'Latin-1', 'utf-16': 'UTF-16' };

/** Throws TypeError at bytes that are not of the encoding. Within a text a byte order mark is a letter; UTF-16's first is none, and tells the order of bytes. */
export function decoderOf(encoding: Encoding, start: Buffer = Buffer.alloc(0)): TextDecoder {
  const isBigEndian = encoding === 'utf-16' && start[0] === 0xfe && start[1] === 0xff;
  return new TextDecoder(isBigEndian ? 'utf-16be' : LABELS[encoding], { fatal: true, ignoreBOM: encoding !== 'utf-16' });
}

/** By its first bytes: UTF-16's mark, or zeros in nearly every second byte and hardly any between them. */
export function isUtf16(bytes: Buffer): boolean {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  const sample = bytes.subarray(0, 1000);
  const zeros = [0, 1].map((parity) => sample.filter((byte, at) => byte === 0 && at % 2 === parity).length) as [number, number];
  return Math.max(...zeros) > sample.length / 4 && Math.min(...zeros) < sample.length / 20;
}

/** What is wrong with text that is not in the encoding that it is read in. */
export function notIn(encoding: Encoding, bytes: Buffer): string {
  const other = isUtf16(bytes) ? 'utf-16' : 'latin1';
  if (other === encoding) return `not ${NAMES[encoding]}`;
  return `not ${NAMES[encoding]}: it looks like ${NAMES[other]}; read it with \`--encoding ${other}\` (in a recipe: \`encoding: ${other}\`), or save it as UTF-8`;
}
