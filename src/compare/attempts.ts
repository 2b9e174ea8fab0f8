/** Attempts are counted by the rows that were judged on: another seed, recipe, margin or gate makes no first attempt. Pure functions. */
import type { Candidate } from '../protocol/candidate.js';
import type { Gate } from '../protocol/gate.js';
import type { Contest, JudgedAttempt, LedgerEntry, LedgerRecord } from '../protocol/ledger.js';

/** The rule that a verdict is an attempt under, and how many came before it. */
export interface AttemptPlan {
  /** From 1. */
  attempt: number;
  /** Attempts that were planned on these rows; together they share 5 %. */
  planned: number;
}

export interface Attempt extends JudgedAttempt {
  at: string;
}

export interface FixedGate extends Extract<LedgerRecord, { kind: 'gate-fixed' }> {
  at: string;
}

/** What the ledger knows of one question: may this challenger replace these baselines, asked on these rows. */
export interface Series {
  /** In the order in which they were judged. */
  attempts: Attempt[];
  /** In the order in which they were fixed: the first one's `looks` is the plan. */
  gates: FixedGate[];
}

export function contestOf(candidates: Candidate[], { challenger, baselines }: Pick<Gate, 'challenger' | 'baselines'>): Contest {
  const named = (name: string) => candidates.find((candidate) => candidate.name === name) as Candidate;
  return {
    challenger,
    base_sha256: named(challenger).model_sha256,
    baselines: [...new Set(baselines.map((name) => modelKey(named(name))))].sort(),
  };
}

function modelKey({ model_sha256, adapter_sha256 }: Candidate): string {
  return adapter_sha256 ? `${model_sha256}+${adapter_sha256}` : model_sha256;
}

/** @param comparison its rows and the challenger's contest must be in the ledger */
export function seriesOf(entries: LedgerEntry[], comparison: string, challenger: string): Series {
  const rowsOf = new Map<string, Set<string>>();
  const gates: FixedGate[] = [];
  const attempts: Attempt[] = [];
  for (const { at, record } of entries) {
    if (record.kind === 'test-opened') rowsOf.set(record.comparison, new Set(record.rows));
    if (record.kind === 'gate-fixed') gates.push({ ...record, at });
    if (record.kind === 'verdict') attempts.push({ ...withoutKind(record), at });
  }
  const contestsOf = new Map(gates.map((gate) => [gate.comparison, gate.contests]));
  const mine = contestsOf.get(comparison)?.find((contest) => contest.challenger === challenger);
  const myRows = rowsOf.get(comparison);
  if (!mine || !myRows) return { attempts: [], gates: [] };
  const isOnMyRows = (other: string) => other === comparison || [...(rowsOf.get(other) ?? [])].some((row) => myRows.has(row));
  const onMyRows = new Map([...rowsOf.keys()].map((other) => [other, isOnMyRows(other)]));
  return {
    attempts: attempts.filter(({ comparison: other, challenger: name }) => {
      const contest = contestsOf.get(other)?.find((one) => one.challenger === name);
      return onMyRows.get(other) === true && contest !== undefined && isSameContest(contest, mine);
    }),
    gates: gates.filter((gate) => onMyRows.get(gate.comparison) === true && gate.contests.some((contest) => isSameContest(contest, mine))),
  };
}

/** One baseline in common is enough: a further baseline, or one left out, makes no other question. */
function isSameContest(a: Contest, b: Contest): boolean {
  return a.base_sha256 === b.base_sha256 && a.baselines.some((baseline) => b.baselines.includes(baseline));
}

function withoutKind({ kind: _kind, ...attempt }: Extract<LedgerRecord, { kind: 'verdict' }>): JudgedAttempt {
  return attempt;
}

/** The plan that a verdict on this challenger is reached under: the one it was reached under before, if it was. */
export function planAttempt({ attempts, gates }: Series, comparison: string, challenger: string): AttemptPlan {
  const index = attempts.findIndex((one) => one.comparison === comparison && one.challenger === challenger);
  const earlier = index < 0 ? attempts : attempts.slice(0, index);
  return { attempt: earlier.length + 1, planned: gates[0]?.looks ?? 1 };
}
