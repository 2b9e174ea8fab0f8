/** Rows that are not independent: of one named group, or of one prompt. Pure functions. */
import { AppError, counted } from '../protocol/errors.js';
import type { AnyRow } from '../protocol/row.js';
import { promptKey } from './row-keys.js';

export interface RowGroup<R extends AnyRow> {
  key: string;
  rows: R[];
  /** Of each row, the key that it would have alone. */
  own_keys: string[];
}

/** Key of a row alone: its named group's, or its prompt's. */
function ownKey(row: AnyRow): string {
  return row.group === undefined ? promptName(row) : `group ${row.group}`;
}

const promptName = (row: AnyRow) => `prompt ${promptKey(row)}`;

/** Connected by a shared group or a shared prompt; rows keep their order, and carry its key as `group`. */
export function groupsOf<R extends AnyRow>(rows: R[]): RowGroup<R>[] {
  const parent = new Map<string, string>();
  const rootOf = (name: string): string => {
    let root = name;
    while (parent.get(root) !== undefined) root = parent.get(root) as string;
    return root;
  };
  for (const row of rows) {
    // `group …` sorts before `prompt …`: a group's own name stays the root, whatever prompts it has.
    const [root, other] = [rootOf(promptName(row)), rootOf(ownKey(row))].sort() as [string, string];
    if (root !== other) parent.set(other, root);
  }
  const groups = new Map<string, R[]>();
  for (const row of rows) {
    const key = rootOf(promptName(row));
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups].map(([key, members]) => ({
    key,
    rows: members.map((row) => ({ ...row, group: key.replace(/^(prompt|group) /, '') })),
    own_keys: members.map(ownKey),
  }));
}

/**
 * Test rows in their order, each with the group that it counts in.
 * @throws AppError group-splits-prompt when rows of one prompt are in several named groups: they would count as independent
 */
export function groupedTest<R extends AnyRow>(rows: R[]): R[] {
  const named = new Map<string, string>();
  const split = new Set<string>();
  for (const row of rows) {
    if (row.group === undefined) continue;
    const prompt = promptKey(row);
    if ((named.get(prompt) ?? row.group) !== row.group) split.add(prompt);
    named.set(prompt, row.group);
  }
  if (split.size > 0) {
    const isOfIt = (row: AnyRow) => split.has(promptKey(row));
    const numbers = rows.flatMap((row, index) => (isOfIt(row) ? [`  test row ${index + 1}, group ${row.group}`] : [])).slice(0, 10);
    throw new AppError('group-splits-prompt', { count: counted(split.size, 'prompt'), problems: numbers.join('\n') });
  }
  return rows.map((row) => ({ ...row, group: row.group ?? named.get(promptKey(row)) ?? promptKey(row) }));
}
