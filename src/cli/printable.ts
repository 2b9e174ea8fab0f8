/** Text of rows, names and models on a terminal: a control character in it could move the cursor, hide lines or send answers. */

/** C0, DEL and C1 (ECMA-48), and what turns the direction of text around (Unicode, bidirectional formatting). */
const CONTROL = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;
const ESCAPE = '\u001b';
/** What Slipway itself writes: colours, and a live line that is written anew. */
const OWN = new RegExp(`(${ESCAPE}\\[[\\d;]*m|\\r${ESCAPE}\\[2K)`);

/** The text with each control character as a picture of it (Unicode, Control Pictures), or as U+FFFD. */
export function printable(text: string): string {
  return text.replace(CONTROL, (character) => {
    if (character === '\n' || character === '\t') return character;
    const code = character.charCodeAt(0);
    if (code < 32) return String.fromCharCode(0x2400 + code);
    return code === 127 ? '\u2421' : '\ufffd';
  });
}

const unguarded = new WeakMap<NodeJS.WriteStream, NodeJS.WriteStream['write']>();

/** The terminal for a line that is edited: Node's readline moves the cursor. */
export function editingTerminal(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  const write = unguarded.get(stream);
  return write ? Object.create(stream, { write: { value: write } }) : stream;
}

/** Lets through to a terminal what Slipway writes, and everything else as printable text. Files and pipes get each byte as it is. */
export function guardTerminal(stream: NodeJS.WriteStream): void {
  if (!stream.isTTY) return;
  const write = stream.write.bind(stream);
  unguarded.set(stream, write as typeof stream.write);
  stream.write = ((chunk: string | Uint8Array, ...rest: never[]) => {
    if (typeof chunk !== 'string') return write(chunk, ...rest);
    const parts = chunk.split(OWN).map((part, index) => (index % 2 === 1 ? part : printable(part)));
    return write(parts.join(''), ...rest);
  }) as typeof stream.write;
}
