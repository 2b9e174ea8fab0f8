/** The three splits of a recipe's data. */
import { counted } from '../protocol/errors.js';
import type { AnyRow } from '../protocol/row.js';

export interface Splits<R extends AnyRow = AnyRow> {
  train: R[];
  dev: R[];
  test: R[];
  /** Rows that another row has drawn into its split: they share its group or its prompt. */
  num_moved?: number;
  /** Pairs of rows in two splits that differ in case, digits, spacing or punctuation alone, which the recipe allows. */
  near_duplicates?: string[];
}

/** Rows as a JSONL file's text. */
export function rowLines(rows: AnyRow[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

/** What a person should know of how the rows were split. */
export function splitWarnings({ num_moved = 0, near_duplicates = [] }: Splits): string[] {
  const moved = `${counted(num_moved, 'row')} moved to another split, since rows that share a group or a prompt must stay in one: rows that were added join groups, or rows that were measured on stay in test`;
  const alike = `${counted(near_duplicates.length, 'row')} of one split are near-duplicates of rows of another: the recipe allows it, and the verdict shows it`;
  return [...(num_moved > 0 ? [moved] : []), ...(near_duplicates.length > 0 ? [alike] : [])];
}
