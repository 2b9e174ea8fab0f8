/**
 * The vocabulary of a GGUF file, read from its bytes. @huggingface/gguf 0.4.6 decodes strings with a decoder that drops
 * a leading U+FEFF: three of Gemma 3's tokens begin with it, and would become other tokens' texts.
 */
import { VALUE_BYTES } from './values.js';

const KEY = 'tokenizer.ggml.tokens';
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const [STRING, ARRAY] = [8, 9];

/**
 * @param header the file up to its tensors; its structure was checked when it was read before
 * @returns null when the file has no vocabulary
 */
export function readGgufTokens(header: Buffer): string[] | null {
  let at = 24;
  const length = () => {
    at += 8;
    return Number(header.readBigUInt64LE(at - 8));
  };
  /** `at += length()` would add to where it was before the length was read. */
  const advance = (size: number) => {
    at += size;
    return size;
  };
  const text = () => {
    const size = advance(length());
    return decoder.decode(header.subarray(at - size, at));
  };
  const type = () => {
    at += 4;
    return header.readUInt32LE(at - 4);
  };
  const skip = (kind: number): void => {
    if (kind === STRING) {
      advance(length());
    } else if (kind === ARRAY) {
      const of = type();
      const count = length();
      if (of === STRING) for (let item = 0; item < count; item++) advance(length());
      else at += count * (VALUE_BYTES[of] ?? 0);
    } else {
      at += VALUE_BYTES[kind] ?? 0;
    }
  };
  const numKeys = Number(header.readBigUInt64LE(16));
  for (let key = 0; key < numKeys; key++) {
    const name = text();
    const kind = type();
    if (name !== KEY) {
      skip(kind);
      continue;
    }
    at += 4;
    return Array.from({ length: length() }, text);
  }
  return null;
}
