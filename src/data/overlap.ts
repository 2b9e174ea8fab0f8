/** Rows that two sets share: what was trained or chosen on must not be measured on. Pure functions. */
import { createHash } from 'node:crypto';
import { AppError, counted } from '../protocol/errors.js';
import { type AnyRow, conversationOf } from '../protocol/row.js';
import { alikeText, promptKey } from './row-keys.js';

const MAX_SHOWN_ROWS = 10;

/** Rows with the name that messages have for them, such as `train` or `train of run x`. */
export interface NamedRows {
  name: string;
  rows: AnyRow[];
}

interface Pair {
  /** From 1, each in its own set. */
  row: number;
  other: number;
}

/** Rows whose prompt also occurs among others. */
export function sharedRows(rows: AnyRow[], others: AnyRow[]): Pair[] {
  return pairsBy(promptKey, rows, others);
}

/** Rows that differ from others in case, digits, spacing or punctuation alone, answers counted. */
export function nearDuplicates(rows: AnyRow[], others: AnyRow[]): Pair[] {
  return pairsBy(
    (row) =>
      createHash('sha1')
        .update(alikeText(wholeText(row)))
        .digest('hex'),
    rows,
    others,
  );
}

function pairsBy(keyOf: (row: AnyRow) => string, rows: AnyRow[], others: AnyRow[]): Pair[] {
  const known = new Map(others.map((row, index) => [keyOf(row), index + 1]));
  return rows.flatMap((row, index) => {
    const other = known.get(keyOf(row));
    return other ? [{ row: index + 1, other }] : [];
  });
}

function wholeText(row: AnyRow): string {
  return conversationOf(row)
    .map(({ role, content }) => `${role}\n${content}`)
    .join('\n');
}

/** @throws AppError data-split-overlap */
export function refuseOverlap(set: NamedRows, other: NamedRows): void {
  const pairs = sharedRows(set.rows, other.rows);
  if (pairs.length > 0) throw new AppError('data-split-overlap', overlapData(set, other, pairs));
}

/**
 * @param isAllowed the recipe allows them: they are returned, each in words, in place of an error
 * @throws AppError near-duplicates
 */
export function refuseNearDuplicates(set: NamedRows, other: NamedRows, isAllowed: boolean): string[] {
  const pairs = nearDuplicates(set.rows, other.rows);
  if (pairs.length > 0 && !isAllowed) throw new AppError('near-duplicates', overlapData(set, other, pairs));
  return pairs.map((pair) => pairText(set, other, pair));
}

function overlapData(set: NamedRows, other: NamedRows, pairs: Pair[]) {
  const more = pairs.length > MAX_SHOWN_ROWS ? [`  … and ${pairs.length - MAX_SHOWN_ROWS} more`] : [];
  const shown = pairs.slice(0, MAX_SHOWN_ROWS).map((pair) => `  ${pairText(set, other, pair)}`);
  return { count: counted(pairs.length, 'row'), split: set.name, other: other.name, problems: [...shown, ...more].join('\n') };
}

const pairText = (set: NamedRows, other: NamedRows, pair: Pair) => `${set.name} row ${pair.row} is ${other.name} row ${pair.other}`;
