/** A comparison folder: the gate first, then evidence, then verdicts. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { Candidate } from '../protocol/candidate.js';
import { AppError, counted } from '../protocol/errors.js';
import { Evidence } from '../protocol/evidence.js';
import { Gate } from '../protocol/gate.js';
import { Row } from '../protocol/row.js';
import { Verdict } from '../protocol/verdict.js';
import { appendLine, readJson, readLines, writeJson, writeWhole } from '../store/files.js';
import { sha256Value } from '../store/hash.js';
import { comparisonFiles, comparisonFolder } from '../store/home.js';
import type { LoadedGate } from './read-gate.js';
import { reachVerdict } from './verdict/reach-verdict.js';

export interface Comparison {
  folder: string;
  gate: Gate;
  gate_sha256: string;
  candidates: Candidate[];
  test: Row[];
}

/**
 * Writes gate, candidates and test before any evidence; the id is the hash of all three, so that the same comparison is
 * opened again and another one never shares its folder.
 */
export function openComparison(home: string, name: string, { gate, sha256 }: LoadedGate, candidates: Candidate[], test: Row[]): Comparison {
  const identity = sha256Value({ sha256, test, candidates: candidates.map((candidate) => candidate.identity) });
  const folder = comparisonFolder(home, `${name}-${identity.slice(0, 12)}`);
  const files = comparisonFiles(folder);
  if (!existsSync(files.gate)) {
    mkdirSync(folder, { recursive: true });
    writeWhole(files.test, test.map((row) => `${JSON.stringify(row)}\n`).join(''));
    writeJson(files.candidates, candidates);
    writeJson(files.gate, gate);
  }
  return readComparison(folder);
}

/** The comparison of that id, or of a beginning that only one id has. @throws AppError comparison-not-found */
export function findComparison(home: string, id: string): string {
  const folder = join(home, 'comparisons');
  const ids = existsSync(folder) ? readdirSync(folder) : [];
  const matches = ids.includes(id) ? [id] : ids.filter((known) => known.startsWith(id));
  if (id === '' || matches.length !== 1) throw new AppError('comparison-not-found', { comparison: id, folder });
  return join(folder, matches[0] as string);
}

export function readComparison(folder: string): Comparison {
  const files = comparisonFiles(folder);
  const gate = readJson(files.gate, Gate);
  return {
    folder,
    gate,
    gate_sha256: sha256Value(gate),
    candidates: readJson(files.candidates, z.array(Candidate)),
    test: readLines(files.test, Row),
  };
}

/**
 * Judges the evidence there is, by default for the gate's own challenger. Evidence that was judged before gives that verdict again and spends no look.
 * @throws AppError looks-spent
 */
export function judgeComparison(comparison: Comparison, challenger = comparison.gate.challenger): Verdict {
  const { gate_sha256, folder } = comparison;
  const gate = asJudged(comparison.gate, challenger);
  const files = comparisonFiles(folder);
  const evidence = readLines(files.evidence, Evidence).filter((line) => line.gate_sha256 === gate_sha256);
  const evidence_sha256 = sha256Value(evidence);
  const earlier = readLines(files.verdicts, Verdict);
  const same = earlier.find((verdict) => verdict.evidence_sha256 === evidence_sha256 && verdict.challenger === challenger);
  if (same) return same;
  if (earlier.length >= gate.looks) {
    throw new AppError('looks-spent', { looks: counted(gate.looks, 'look'), spent: earlier.length });
  }
  const verdict: Verdict = {
    at: new Date().toISOString(),
    look: earlier.length + 1,
    gate_sha256,
    evidence_sha256,
    ...reachVerdict(gate, evidence),
  };
  appendLine(files.verdicts, verdict);
  return verdict;
}

/** The gate with another of its candidates as the challenger, for a comparison of two without one. */
export function asJudged(gate: Gate, challenger: string): Gate {
  if (challenger === gate.challenger) return gate;
  return { ...gate, challenger, baselines: [gate.challenger, ...gate.baselines].filter((name) => name !== challenger) };
}

export const comparisonId = (comparison: Comparison) => basename(comparison.folder);
