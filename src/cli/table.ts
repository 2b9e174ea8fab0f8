/** Tables and cut lines on a terminal. */
import { stripVTControlCharacters } from 'node:util';
import { printable } from './printable.js';

/** Columns of equal width; the first is left-aligned, numbers stand right. */
export function table(rows: string[][], indent = '  '): string {
  const width = (text: string) => stripVTControlCharacters(text).length;
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => width(row[column] ?? ''))));
  const pad = (text: string, column: number) => {
    const space = ' '.repeat(Math.max(0, (widths[column] ?? 0) - width(text)));
    return /^[−+\d—–.]/.test(stripVTControlCharacters(text)) && column > 0 ? space + text : text + space;
  };
  return rows.map((row) => indent + row.map(pad).join('  ').trimEnd()).join('\n');
}

/** A line of text cut to a width, with an ellipsis. */
export function cut(text: string, width: number): string {
  const line = printable(text.replace(/\s*\n\s*/g, ' '));
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}
