/** Inputs changed at random, the same for a seed each time: what people and attackers send, and no one thinks of. */

/** Numbers from 0 up to 1 (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const NASTY = [
  '\0',
  '"',
  '[',
  '{',
  '}',
  ']',
  ',',
  '\\',
  '\n',
  '\r\n',
  'null',
  '-1',
  '1e999',
  '99999999999999999999',
  '\xff',
  '\xf0\x9f',
  '&a *a',
  '<<: ',
  '!!js',
  '# ',
  ': ',
];

/** One to four changes: a byte flipped, a part removed, doubled or replaced, something nasty put in. */
export function mutated(input: Buffer, random: () => number): Buffer {
  let bytes = input;
  const at = () => Math.floor(random() * (bytes.length + 1));
  for (let change = Math.ceil(random() * 4); change > 0; change--) {
    const [start, length] = [at(), Math.floor(random() * 12)];
    const [before, part, after] = [bytes.subarray(0, start), bytes.subarray(start, start + length), bytes.subarray(start + length)];
    const nasty = Buffer.from(NASTY[Math.floor(random() * NASTY.length)] as string, 'latin1');
    switch (Math.floor(random() * 5)) {
      case 0:
        bytes = Buffer.concat([before, after]);
        break;
      case 1:
        bytes = Buffer.concat([before, part, part, after]);
        break;
      case 2:
        bytes = Buffer.concat([before, nasty, part, after]);
        break;
      case 3:
        bytes = Buffer.concat([before, nasty, after]);
        break;
      default: {
        bytes = Buffer.from(bytes);
        const place = Math.min(start, bytes.length - 1);
        if (place >= 0) bytes[place] = (bytes[place] as number) ^ (1 << Math.floor(random() * 8));
      }
    }
  }
  return bytes;
}
