/** Numbers, times and tables as people read them. */
import { stripVTControlCharacters } from 'node:util';

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

export function points(share: number): string {
  return `${share >= 0 ? '+' : '−'}${Math.abs(share * 100).toFixed(1)}`;
}

export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.max(0, Math.round(seconds))} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function milliseconds(value: number): string {
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(2)} s`;
}

export function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}

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
  const line = text.replace(/\s*\n\s*/g, ' ');
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}
