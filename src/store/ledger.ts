/** The ledger of a home: appended only, one writer at a time, each line chained to the one before by its hash. */
import { existsSync, readFileSync } from 'node:fs';
import { AppError } from '../protocol/errors.js';
import { LEDGER_START, LedgerEntry, type LedgerRecord } from '../protocol/ledger.js';
import { appendLine, readLines } from './files.js';
import { sha256Text } from './hash.js';
import { ledgerFile } from './home.js';
import { withLock } from './lock.js';

export interface Ledger {
  entries: LedgerEntry[];
  /** Hash of the last line: whoever has seen it can tell later whether a line before it was changed. */
  head: string;
}

/** @throws AppError ledger-broken at the first line that does not follow the one before, file-unreadable */
export function readLedger(home: string): Ledger {
  const file = ledgerFile(home);
  const entries = readLines(file, LedgerEntry);
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  let head = LEDGER_START;
  for (const [index, { previous_sha256 }] of entries.entries()) {
    if (previous_sha256 !== head) throw new AppError('ledger-broken', { file, line: index + 1 });
    head = sha256Text(lines[index] as string);
  }
  return { entries, head };
}

export interface Decided<T> {
  records: LedgerRecord[];
  result: T;
  /** Done when the records are on disk, before another process can write. */
  then?: () => void;
}

/**
 * Appends what `decide` makes of the ledger as it is: nobody writes between the two.
 * @param decide is told the time that its records will have
 * @throws AppError ledger-broken, locked
 */
export function recordInLedger<T>(home: string, decide: (ledger: Ledger, at: string) => Decided<T>): T {
  const file = ledgerFile(home);
  return withLock(`${file}.lock`, () => {
    const ledger = readLedger(home);
    const at = new Date().toISOString();
    const { records, result, then } = decide(ledger, at);
    let { head } = ledger;
    for (const record of records) {
      const entry: LedgerEntry = { at, previous_sha256: head, record };
      appendLine(file, entry);
      head = sha256Text(JSON.stringify(entry));
    }
    then?.();
    return result;
  });
}

/** The records of one kind, the first first. */
export function recordsOf<K extends LedgerRecord['kind']>(
  { entries }: Ledger,
  kind: K,
): (Extract<LedgerRecord, { kind: K }> & { at: string })[] {
  return entries.flatMap(({ at, record }) => (record.kind === kind ? [{ ...(record as Extract<LedgerRecord, { kind: K }>), at }] : []));
}

/** Keys of the prompts that were opened as test rows in this home. @throws AppError ledger-broken */
export function openedRows(home: string): Set<string> {
  return new Set(recordsOf(readLedger(home), 'test-opened').flatMap(({ rows }) => rows));
}

/** A beginning of a hash of fewer digits could be met by trying. */
const LEAST_HASH_DIGITS = 16;

/** The number, from 1, of the line with that hash, or with one that begins so; null where there is none. @throws AppError ledger-broken */
export function lineWithHead(home: string, head: string): number | null {
  const { entries, head: last } = readLedger(home);
  if (head.length < LEAST_HASH_DIGITS) return null;
  const heads = [...entries.slice(1).map(({ previous_sha256 }) => previous_sha256), last];
  const index = heads.findIndex((hash) => hash.startsWith(head.toLowerCase()));
  return index < 0 || entries.length === 0 ? null : index + 1;
}
