/** The three splits of a recipe's data. */
import type { Row } from '../protocol/row.js';

export interface Splits {
  train: Row[];
  dev: Row[];
  test: Row[];
}

/** Rows as a JSONL file's text. */
export function rowLines(rows: Row[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}
