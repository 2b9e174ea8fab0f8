/** JSON as its writer meant it: JSON.parse takes the last of two equal keys, and half a character, in silence. */

/** @returns the value, or what is wrong with the text */
export function parseJson(text: string): { value: unknown } | { problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: `not JSON: ${(error as Error).message}` };
  }
  const key = duplicateKey(text);
  if (key === TOO_DEEP) return { problem: `nested deeper than ${MAX_DEPTH}` };
  if (key !== null) return { problem: `the key ${key} occurs twice in one object` };
  // Only an escape can write half a character, and a decoder of UTF-8 lets none through.
  if (/\\u[dD][89abAB]/.test(text) || /\\u[dD][c-fC-F]/.test(text)) {
    const field = brokenField(value, '');
    if (field !== null) return { problem: `${field || 'the text'} holds half a character (a lone surrogate)` };
  }
  return { value };
}

/** A chat with tools is some ten deep; what reads a value of thousands by recursion ends the process. */
const MAX_DEPTH = 200;
const TOO_DEEP = Symbol('nested too deep');

const [QUOTE, BACKSLASH, COMMA, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [34, 92, 44, 123, 125, 91, 93];

/** The first key that an object has twice; the text is valid JSON. */
function duplicateKey(text: string): string | typeof TOO_DEEP | null {
  const objects: (Set<string> | null)[] = [];
  let expectsKey = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const start = at;
      at = text.indexOf('"', at + 1);
      while (isEscaped(text, at)) at = text.indexOf('"', at + 1);
      if (!expectsKey) continue;
      const written = text.slice(start, at + 1);
      // `"\u0061"` and `"a"` are one key.
      const key = written.includes('\\') ? (JSON.parse(written) as string) : written.slice(1, -1);
      const known = objects.at(-1);
      if (known?.has(key)) return key;
      known?.add(key);
      expectsKey = false;
    } else if (code === OPEN) {
      if (objects.push(new Set()) > MAX_DEPTH) return TOO_DEEP;
      expectsKey = true;
    } else if (code === OPEN_LIST) {
      if (objects.push(null) > MAX_DEPTH) return TOO_DEEP;
      expectsKey = false;
    } else if (code === CLOSE || code === CLOSE_LIST) {
      objects.pop();
      expectsKey = false;
    } else if (code === COMMA) {
      expectsKey = objects.at(-1) !== null;
    }
  }
  return null;
}

function isEscaped(text: string, quote: number): boolean {
  let count = 0;
  for (let at = quote - 1; text.charCodeAt(at) === BACKSLASH; at--) count++;
  return count % 2 === 1;
}

/** Path of the first string that is not well-formed Unicode. */
function brokenField(value: unknown, path: string): string | null {
  if (typeof value === 'string') return isWellFormed(value) ? null : path;
  if (value === null || typeof value !== 'object') return null;
  for (const [key, inner] of Object.entries(value)) {
    const found = brokenField(inner, path ? `${path}.${key}` : key);
    if (found !== null) return found;
  }
  return null;
}

function isWellFormed(text: string): boolean {
  return !/(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])/.test(text);
}
