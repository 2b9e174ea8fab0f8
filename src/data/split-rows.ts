/** One file's rows into train, dev and test by hash, so that a row never changes sides when others are added. */
import { createHash } from 'node:crypto';
import type { AnyRow } from '../protocol/row.js';
import { promptHash } from './prompt-hash.js';
import type { Splits } from './splits.js';

/**
 * Rows that share a group or a prompt stay together, and the statistics count them as one group.
 * @param shares of the hash's range that go to dev and to test; the rest is train
 */
export function splitRows<R extends AnyRow>(rows: R[], shares: { dev: number; test: number }): Splits<R> {
  const splits: Splits<R> = { train: [], dev: [], test: [] };
  for (const group of groupsOf(rows)) {
    const position = hashPosition(group.key);
    const side = position < shares.test ? 'test' : position < shares.test + shares.dev ? 'dev' : 'train';
    splits[side].push(...group.rows);
  }
  return splits;
}

export interface RowGroup<R extends AnyRow> {
  key: string;
  rows: R[];
}

/** Connected by a shared group or a shared prompt; rows keep their order, and carry its key as `group`. */
export function groupsOf<R extends AnyRow>(rows: R[]): RowGroup<R>[] {
  const parent = new Map<string, string>();
  const rootOf = (name: string): string => {
    let root = name;
    while (parent.get(root) !== undefined) root = parent.get(root) as string;
    return root;
  };
  const keysOf = (row: R) => ({ prompt: `prompt ${promptHash(row)}`, group: row.group === undefined ? null : `group ${row.group}` });
  for (const row of rows) {
    const { prompt, group } = keysOf(row);
    // `group …` sorts before `prompt …`: a group's own name stays the root, whatever prompts it has.
    const [root, other] = [rootOf(prompt), rootOf(group ?? prompt)].sort() as [string, string];
    if (root !== other) parent.set(other, root);
  }
  const groups = new Map<string, R[]>();
  for (const row of rows) {
    const key = rootOf(keysOf(row).prompt);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups].map(([key, members]) => ({
    key,
    rows: members.map((row) => ({ ...row, group: key.replace(/^(prompt|group) /, '') })),
  }));
}

/** 0 to 1, the same everywhere. */
function hashPosition(key: string): number {
  return createHash('sha256').update(key).digest().readUInt32BE(0) / 2 ** 32;
}
