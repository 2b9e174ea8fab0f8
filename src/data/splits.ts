/** The three splits of a recipe's data. */
import type { AnyRow, Row } from '../protocol/row.js';

export interface Splits<R extends AnyRow = Row> {
  train: R[];
  dev: R[];
  test: R[];
}

/** Rows as a JSONL file's text. */
export function rowLines(rows: AnyRow[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}
