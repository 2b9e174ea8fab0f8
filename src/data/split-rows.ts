/** One file's rows into train, dev and test by hash, so that a row never changes sides when others are added. */
import { createHash } from 'node:crypto';
import type { AnyRow } from '../protocol/row.js';
import { groupsOf } from './groups.js';
import { promptKey } from './row-keys.js';
import type { Splits } from './splits.js';

interface Shares {
  dev: number;
  test: number;
}

/**
 * Rows that share a group or a prompt stay together, and the statistics count them as one group. A row that was measured on
 * stays in test, with its group, whatever its hash says.
 * @param shares of the hash's range that go to dev and to test; the rest is train
 * @param wereTest keys of prompts that were opened as test rows before
 */
export function splitRows<R extends AnyRow>(rows: R[], shares: Shares, wereTest: ReadonlySet<string> = new Set()): Splits<R> {
  const splits = { train: [] as R[], dev: [] as R[], test: [] as R[] };
  let num_moved = 0;
  for (const group of groupsOf(rows)) {
    const wasTest = group.rows.some((row) => wereTest.has(promptKey(row)));
    const side = wasTest ? 'test' : sideOf(group.key, shares);
    num_moved += group.own_keys.filter((key) => sideOf(key, shares) !== side).length;
    splits[side].push(...group.rows);
  }
  return { ...splits, num_moved };
}

function sideOf(key: string, shares: Shares): 'train' | 'dev' | 'test' {
  const position = hashPosition(key);
  return position < shares.test ? 'test' : position < shares.test + shares.dev ? 'dev' : 'train';
}

/** 0 to 1, the same everywhere. */
function hashPosition(key: string): number {
  return createHash('sha256').update(key).digest().readUInt32BE(0) / 2 ** 32;
}
