/** A comparison folder: what is compared and the gate first, then evidence, then verdicts. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { groupedTest } from '../data/groups.js';
import { Candidate } from '../protocol/candidate.js';
import { COMPARISON_FORMAT, ComparisonRecord } from '../protocol/comparison.js';
import { AppError } from '../protocol/errors.js';
import type { Evidence } from '../protocol/evidence.js';
import { Gate } from '../protocol/gate.js';
import { ComparedRow } from '../protocol/row.js';
import { readJson, readLines, writeJson, writeWhole } from '../store/files.js';
import { sha256Value } from '../store/hash.js';
import { comparisonFiles, comparisonFolder, comparisonsFolder, openingLock } from '../store/home.js';
import { readLedger, recordsOf } from '../store/ledger.js';
import { withLock } from '../store/lock.js';
import { matchId } from '../store/match-id.js';
import { packageVersion } from '../store/package.js';
import { refuseErased } from '../store/tombstones.js';
import { readEvidence } from './evidence/read-evidence.js';
import type { LoadedGate } from './read-gate.js';

export interface Comparison {
  folder: string;
  record: ComparisonRecord;
  gate: Gate;
  gate_sha256: string;
  candidates: Candidate[];
  test: ComparedRow[];
}

export interface ComparisonRequest
  extends Pick<ComparisonRecord, 'data' | 'local' | 'endpoints' | 'challengers' | 'caveats' | 'reward_model'> {
  /** Beginning of its id. */
  name: string;
  gate: LoadedGate;
  candidates: Candidate[];
  test: ComparedRow[];
}

/**
 * Writes what is compared, the gate, candidates and test before any evidence; the id is the hash of the last three, so
 * that the same comparison is opened again and another one never shares its folder.
 * @throws AppError group-splits-prompt, ledger-broken, locked
 */
export function openComparison(
  home: string,
  { name, gate, candidates, test: rows, data, local, endpoints, challengers, caveats, reward_model }: ComparisonRequest,
): Comparison {
  const test = groupedTest(rows);
  const { folder, reopened } = freeFolder(home, name, { gate_sha256: gate.sha256, candidates, test });
  // Of two at once the first writes: a second record would not be the one that the ledger is told of.
  withLock(openingLock(home, basename(folder)), () => {
    const files = comparisonFiles(folder);
    if (existsSync(files.record)) return;
    mkdirSync(folder, { recursive: true });
    writeWhole(files.test, test.map((row) => `${JSON.stringify(row)}\n`).join(''));
    writeJson(files.candidates, candidates);
    writeJson(files.gate, gate.gate);
    const created_at = new Date().toISOString();
    const record: ComparisonRecord = {
      format: COMPARISON_FORMAT,
      created_at,
      slipway_version: packageVersion(),
      ...(data === undefined ? {} : { data }),
      local,
      endpoints,
      challengers,
      ...(reward_model ? { reward_model } : {}),
      reopened,
      caveats,
    };
    writeJson(files.record, record);
  });
  return readComparison(folder);
}

type Identified = Pick<Comparison, 'gate_sha256' | 'candidates' | 'test'>;

/** The end of a comparison's id. */
export function identityOfComparison({ gate_sha256, candidates, test }: Identified, reopened: number): string {
  const identities = candidates.map((candidate) => candidate.identity);
  const again = reopened > 0 ? { reopened } : {};
  return sha256Value({ format: COMPARISON_FORMAT, sha256: gate_sha256, test, candidates: identities, ...again }).slice(0, 12);
}

/** What was measured and then erased is measured again under an id of its own: the ledger has the first, and counts both. */
function freeFolder(home: string, name: string, identified: Identified): { folder: string; reopened: number } {
  const opened = new Set(recordsOf(readLedger(home), 'test-opened').map(({ comparison }) => comparison));
  for (let reopened = 0; ; reopened++) {
    const id = `${name}-${identityOfComparison(identified, reopened)}`;
    const folder = comparisonFolder(home, id);
    if (existsSync(comparisonFiles(folder).record) || !opened.has(id)) return { folder, reopened };
  }
}

/** Ids of the comparisons of a home, those of other formats too. */
export function listComparisonIds(home: string): string[] {
  const folder = comparisonsFolder(home);
  return existsSync(folder) ? readdirSync(folder).filter((id) => existsSync(comparisonFiles(comparisonFolder(home, id)).gate)) : [];
}

/** The comparison of that id, or of a beginning that only one id has. @throws AppError comparison-not-found, erased */
export function findComparison(home: string, id: string): string {
  const folder = findComparisonIfAny(home, id);
  if (folder) return folder;
  refuseErased(home, id);
  throw new AppError('comparison-not-found', { comparison: id });
}

/** As `findComparison`, for an id that may be something else. */
export function findComparisonIfAny(home: string, id: string): string | null {
  const found = matchId(id, listComparisonIds(home));
  return found === null ? null : comparisonFolder(home, found);
}

/** @throws AppError comparison-format, file-unreadable */
export function readComparison(folder: string): Comparison {
  const files = comparisonFiles(folder);
  refuseOtherFormat(folder);
  const gate = readJson(files.gate, Gate);
  return {
    folder,
    record: readJson(files.record, ComparisonRecord),
    gate,
    gate_sha256: sha256Value(gate),
    candidates: readJson(files.candidates, z.array(Candidate)),
    test: readLines(files.test, ComparedRow),
  };
}

/** The first format had no comparison.json. @throws AppError comparison-format */
function refuseOtherFormat(folder: string): void {
  const { record } = comparisonFiles(folder);
  const format = existsSync(record) ? readJson(record, z.object({ format: z.int() })).format : 1;
  if (format !== COMPARISON_FORMAT)
    throw new AppError('comparison-format', { comparison: basename(folder), format, known: COMPARISON_FORMAT });
}

/** The measured lines. @throws AppError evidence-duplicate, file-unreadable */
export function measuredEvidence({ folder }: Comparison): Evidence[] {
  return readEvidence(comparisonFiles(folder).evidence);
}

/** The challenger and its baselines: candidates that are only described are not measured. */
export function judgedCandidates({ gate, candidates }: Comparison): Candidate[] {
  return candidates.filter(({ name }) => name === gate.challenger || gate.baselines.includes(name));
}

/** The gate with another of its candidates as the challenger, for a comparison of two without one. */
export function asJudged(gate: Gate, challenger: string): Gate {
  if (challenger === gate.challenger) return gate;
  return { ...gate, challenger, baselines: [gate.challenger, ...gate.baselines].filter((name) => name !== challenger) };
}

export const comparisonId = (comparison: Comparison) => basename(comparison.folder);
