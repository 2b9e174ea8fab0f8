/** A run that is done is closed: the ledger has the hashes of its files, and what changes later is found. */
import { existsSync, statSync } from 'node:fs';
import { basename, relative } from 'node:path';
import type { HashedFile } from '../protocol/artifact.js';
import type { Exit } from '../protocol/run.js';
import { jsonText, writeWhole } from './files.js';
import { sha256File, sha256Text } from './hash.js';
import { attemptFiles, homeOf, jobOf, listAttempts, runFiles } from './home.js';
import { readLedger, recordInLedger, recordsOf } from './ledger.js';

/** Writes exit.json; before it, the run's files into the ledger. Whoever sees the exit finds them there. */
export async function closeRun(attempt: string, exit: Exit): Promise<void> {
  const run = jobOf(attempt);
  const exitFile = attemptFiles(attempt).exit;
  const text = jsonText(exit);
  const files = await hashed(run, filesOf(run));
  const last = { path: relative(run, exitFile), sha256: sha256Text(text), bytes: Buffer.byteLength(text) };
  recordInLedger(homeOf(run), () => ({
    records: [{ kind: 'run-closed', run: basename(run), files: [...files, last] }],
    result: undefined,
  }));
  writeWhole(exitFile, text);
}

/** What serving rests on: the rest of a run may be put away, and `verify` says so. */
const SERVED = /^attempts\/\d+\/(plan\.json|events\.jsonl)$|^artifact\//;

/**
 * @param isServed only what serving rests on is looked at
 * @returns what is not as the ledger has it, in words; empty for a run that is as it was closed
 * @throws AppError ledger-broken
 */
export async function changedRunFiles(run: string, isServed: boolean): Promise<string[]> {
  const id = basename(run);
  const closed = recordsOf(readLedger(homeOf(run)), 'run-closed').findLast((record) => record.run === id);
  if (!closed) return ['the ledger does not have the end of this run: it was trained before there was a ledger, or the ledger was changed'];
  const isLookedAt = (path: string) => !isServed || SERVED.test(path);
  const files = filesOf(run).filter((file) => isLookedAt(relative(run, file)));
  const present = new Map((await hashed(run, files)).map((file) => [file.path, file.sha256]));
  const recorded = closed.files.filter(({ path }) => isLookedAt(path));
  const changed = recorded.flatMap(({ path, sha256 }) => {
    const actual = present.get(path);
    return actual === sha256 ? [] : [`${path} is ${actual ? 'not as it was when the run was done' : 'missing'}`];
  });
  const known = new Set(recorded.map(({ path }) => path));
  const added = [...present.keys()].filter((path) => !known.has(path));
  return [...changed, ...added.map((path) => `${path} was not there when the run was done`)];
}

/** What makes a run what it is. Weights have their hashes in artifact.json; nothing relies on logs and checkpoints. */
function filesOf(run: string): string[] {
  const { record, recipe, train, dev, test, inspection, lint, artifact, parityReference } = runFiles(run);
  const ofAttempts = listAttempts(run).flatMap((attempt) => {
    const { plan, events, exit } = attemptFiles(attempt);
    return [plan, events, exit];
  });
  return [record, recipe, train, dev, test, inspection, lint, artifact, parityReference, ...ofAttempts].filter(existsSync);
}

async function hashed(run: string, files: string[]): Promise<HashedFile[]> {
  const found: HashedFile[] = [];
  for (const file of files) found.push({ path: relative(run, file), sha256: await sha256File(file), bytes: statSync(file).size });
  return found;
}
