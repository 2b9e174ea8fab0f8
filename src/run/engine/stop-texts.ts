/** Stop texts: where an answer ends, and what of it may be shown before that is known. Pure functions. */

/** Where the first of them begins, or null. */
export function stopIndex(text: string, stops: string[]): number | null {
  const found = stops.map((stop) => text.indexOf(stop)).filter((index) => index >= 0);
  return found.length > 0 ? Math.min(...found) : null;
}

/** Characters at the end that could become a stop text: they are held back until the next token tells. */
export function heldBack(text: string, stops: string[]): number {
  const lengths = stops.map((stop) => {
    for (let length = Math.min(stop.length - 1, text.length); length > 0; length--) if (text.endsWith(stop.slice(0, length))) return length;
    return 0;
  });
  return Math.max(0, ...lengths);
}
