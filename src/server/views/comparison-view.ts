/** A comparison's files as its pages show them. */
import { existsSync, statSync } from 'node:fs';
import { fingerprint } from '../../compare/approvals.js';
import { seriesOf } from '../../compare/attempts.js';
import { breakdowns } from '../../compare/breakdown.js';
import {
  asJudged,
  type Comparison,
  comparisonId,
  findComparison,
  listComparisonIds,
  measuredEvidence,
  readComparison,
} from '../../compare/comparison.js';
import { countRows } from '../../compare/filter-rows.js';
import { REVIEWERS } from '../../compare/panel/ask-panel.js';
import { readReviews } from '../../compare/review.js';
import { EXAMPLE_RULE, isCounted, pickShownExamples, rowResults, TEXT_EXAMPLE_RULE } from '../../compare/row-results.js';
import { figuresOf } from '../../compare/verdict/reach-verdict.js';
import { concludeTwoWay } from '../../flow/compare/conclude-two.js';
import { TWO_WAY } from '../../flow/compare/open-two.js';
import type { Candidate } from '../../protocol/candidate.js';
import { AppError } from '../../protocol/errors.js';
import { type Evidence, isOf } from '../../protocol/evidence.js';
import type { Gate } from '../../protocol/gate.js';
import { isRightOrWrong } from '../../protocol/metrics/metrics.js';
import { refuseProblems } from '../../protocol/refuse-problems.js';
import { Exit } from '../../protocol/run.js';
import { Verdict } from '../../protocol/verdict.js';
import { readJsonIfKnown, readLines } from '../../store/files.js';
import { attemptFiles, comparisonFiles, comparisonFolder, homeOf } from '../../store/home.js';
import { readLedger, recordsOf } from '../../store/ledger.js';
import { findTombstone } from '../../store/tombstones.js';
import { foldEvents } from '../../tune/fold-events.js';
import { exitError } from '../../tune/follow.js';
import { lastBegun, readStatus } from '../../tune/launch/attempts.js';
import { readEvents } from '../../tune/read-events.js';
import type { ComparePageProps, ShownCandidate } from '../../web/pages/compare/compare-page-props.js';
import type { MeasuringView } from '../../web/pages/compare/measuring-page.js';
import type { ComparisonRow } from '../../web/pages/comparisons-page.js';
import { slugPath } from '../../web/paths.js';
import { verifiedProblems } from './verified.js';

/** All comparisons, the newest verdict first, and the ids of those that another version of Slipway has written. */
export function listComparisons(home: string): { comparisons: ComparisonRow[]; unreadable: string[] } {
  const ids = listComparisonIds(home);
  const read = ids.map((id) => ({ id, row: readableRow(comparisonFolder(home, id)) }));
  const comparisons = read.flatMap(({ row }) => row ?? []);
  comparisons.sort((a, b) => ((a.verdict?.at ?? '') < (b.verdict?.at ?? '') ? 1 : -1));
  return { comparisons, unreadable: read.flatMap(({ id, row }) => (row ? [] : [id])) };
}

function readableRow(folder: string): ComparisonRow | null {
  try {
    return comparisonRow(readComparison(folder));
  } catch (error) {
    if (
      error instanceof AppError &&
      ['file-unreadable', 'comparison-format', 'evidence-duplicate', 'group-splits-prompt'].includes(error.code)
    )
      return null;
    throw error;
  }
}

function comparisonRow(comparison: Comparison): ComparisonRow {
  const { gate, candidates, record, test } = comparison;
  const reached = leadingVerdict(comparison);
  const is_changed = reached !== null && verifiedProblems(comparison.folder).length > 0;
  const verdict = is_changed ? null : reached;
  const baselines = modelsFirst(candidates, verdict?.baselines.map(({ baseline }) => baseline) ?? gate.baselines);
  return {
    id: comparisonId(comparison),
    slug: slugOf(candidates, gate.challenger, baselines[0] as string),
    task: taskOf(comparisonId(comparison)),
    data: record.data ?? null,
    num_test_rows: test.length,
    status: readStatus(comparison.folder),
    challenger: gate.challenger,
    baselines,
    adapters: candidates.flatMap(({ adapter_sha256 }) => adapter_sha256 ?? []),
    verdict,
    is_changed,
    num_evidence: measuredEvidence(comparison).length,
  };
}

/** The strongest model leads a page; an answer that no model gave is a line to beat, and stands last. */
function modelsFirst(candidates: Candidate[], names: string[]): string[] {
  const isConstant = (name: string) => candidates.some((candidate) => candidate.name === name && candidate.constant !== undefined);
  return [...names].sort((a, b) => Number(isConstant(a)) - Number(isConstant(b)));
}

/** The last look at the gate's own challenger. */
function leadingVerdict({ folder, gate }: Comparison): Verdict | null {
  return readLines(comparisonFiles(folder).verdicts, Verdict).findLast(({ challenger }) => challenger === gate.challenger) ?? null;
}

/** The address of a comparison's page. */
export function comparisonPath(folder: string): string {
  const { slug, id } = comparisonRow(readComparison(folder));
  return slugPath(slug, id);
}

/** `tickets: tuned vs prompted`, with the name of the recipe where there is one. */
export function titleOf(id: string, challenger: string, baseline: string): string {
  const task = taskOf(id);
  return `${task === null ? '' : `${task}: `}${challenger} vs ${baseline}`;
}

/** The name of the recipe, with which the id begins; null where two were compared without one. */
export function taskOf(id: string): string | null {
  const name = id.replace(/-[0-9a-f]{12}$/, '');
  return name === TWO_WAY ? null : name;
}

/** Long enough to tell names apart; the comparison itself is told by its id. */
const MAX_SLUG_PART = 60;

/** `a-vs-b` in alphabetical order: a pair has one address, in either order. */
export function slugOf(candidates: Candidate[], challenger: string, baseline: string): string {
  const part = (name: string) => {
    const model = candidates.find((candidate) => candidate.name === name)?.model_ref ?? '';
    return `${name}-${model}`
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, '-')
      .slice(0, MAX_SLUG_PART)
      .replace(/^-|-$/g, '');
  };
  return [part(challenger), part(baseline)].sort().join('-vs-');
}

/** Differs when something may have changed on the page of a comparison that is being measured. */
export function comparisonStamp(home: string, id: string): string {
  const folder = findComparison(home, id);
  const attempt = lastBegun(folder);
  const files = [comparisonFiles(folder).evidence, ...(attempt ? [attemptFiles(attempt).events] : [])];
  return [attempt, readStatus(folder), ...files.map((file) => (existsSync(file) ? statSync(file).size : -1))].join(' ');
}

/** How many rows a candidate has answered, or scored where it writes nothing. */
function rowsOf(evidence: Evidence[], name: string): number {
  const measured = evidence.filter((line) => ['answer', 'scored-pair', 'preference'].includes(line.kind) && isOf(line, name));
  return new Set(measured.map(({ example_id }) => example_id)).size;
}

/** A comparison without a verdict yet: how far it is. */
export function measuringView(folder: string): MeasuringView {
  const comparison = readComparison(folder);
  const row = comparisonRow(comparison);
  const attempt = lastBegun(folder);
  const exit = attempt ? readJsonIfKnown(attemptFiles(attempt).exit, Exit) : null;
  const error = attempt && exit?.error ? exitError(attempt, exit) : null;
  const evidence = measuredEvidence(comparison);
  const events = readEvents(folder);
  const last = events.findLast((event) => event.type === 'phase');
  return {
    id: row.id,
    status: row.status,
    challenger: row.challenger,
    baselines: row.baselines,
    candidates: comparison.candidates,
    num_measured: Object.fromEntries(comparison.candidates.map(({ name }) => [name, rowsOf(evidence, name)])),
    num_evidence: row.num_evidence,
    num_test_rows: comparison.test.length,
    phase: foldEvents(events).phase,
    share: last?.type === 'phase' ? (last.share ?? null) : null,
    error: error ? { message: error.message, hint: error.hint } : null,
  };
}

/** A comparison that was judged, with what its pages are made of. */
export interface JudgedComparison {
  id: string;
  comparison: Comparison;
  evidence: Evidence[];
  verdict: Verdict;
  /** As it was judged: of two, each is the challenger once. */
  gate: Gate;
  /** The challenger, then its baselines, the strongest model first; answers that no model gave stand last. */
  ordered: Candidate[];
}

/**
 * Null where there is no verdict yet.
 * @throws AppError not-verified when something was changed since it was recorded: no verdict is shown then
 */
export function judgedComparison(folder: string): JudgedComparison | null {
  const comparison = readComparison(folder);
  const evidence = measuredEvidence(comparison);
  const reached = leadingVerdict(comparison);
  if (!reached) return null;
  refuseProblems(comparisonId(comparison), verifiedProblems(folder));
  const named = (name: string) => comparison.candidates.find((candidate) => candidate.name === name) as Candidate;
  const names = modelsFirst(
    comparison.candidates,
    reached.baselines.map(({ baseline }) => baseline),
  );
  const baselines = [...reached.baselines].sort((a, b) => names.indexOf(a.baseline) - names.indexOf(b.baseline));
  return {
    id: comparisonId(comparison),
    comparison,
    evidence,
    verdict: { ...reached, baselines },
    gate: asJudged(comparison.gate, reached.challenger),
    ordered: [reached.challenger, ...names].map(named),
  };
}

type View = Omit<ComparePageProps, 'frame' | 'others'>;

/** The page of a comparison that was judged; null where there is no verdict yet. @throws AppError not-verified */
export function comparisonView(folder: string): View | null {
  const judged = judgedComparison(folder);
  if (!judged) return null;
  const { id, comparison, evidence, verdict, gate, ordered } = judged;
  const { test, record, gate: ownGate } = comparison;
  const ledger = readLedger(homeOf(folder));
  const { attempts, gates } = seriesOf(ledger.entries, id, verdict.challenger);
  const approvals = recordsOf(ledger, 'approval').filter((approval) => approval.comparison === id);
  const otherWay = readLines(comparisonFiles(folder).verdicts, Verdict).findLast(({ challenger }) => challenger !== ownGate.challenger);
  const reviews = readReviews(comparison, evidence);
  const candidates = ordered.map(
    (candidate): ShownCandidate => ({
      candidate,
      figures: figuresOf(candidate.name, gate, evidence),
      reviews: reviews.filter((review) => review.candidate === candidate.name),
      facts: evidence.find((line) => isOf(line, candidate.name))?.facts ?? null,
      erased_at: candidate.adapter_sha256 === null ? null : (findTombstone(homeOf(folder), candidate.model_ref)?.erased_at ?? null),
    }),
  );
  const names = ordered.map(({ name }) => name);
  const strongest = names[1] as string;
  const rows = rowResults({ gate, test, evidence, candidates: names, baseline: strongest });
  const verdicts = [verdict, ...(otherWay ? [otherWay] : [])];
  return {
    id,
    slug: slugOf(ordered, verdict.challenger, strongest),
    title: titleOf(id, verdict.challenger, strongest),
    data: record.data ?? null,
    gate,
    verdicts,
    conclusion: otherWay ? concludeTwoWay(verdicts) : null,
    candidates,
    reviewers: REVIEWERS,
    examples: pickShownExamples(rows, verdict.challenger, strongest),
    example_rule: isRightOrWrong(gate.metric) ? EXAMPLE_RULE : TEXT_EXAMPLE_RULE,
    is_count: isCounted(gate),
    row_counts: countRows(rows),
    breakdowns: breakdowns(gate, rows, names).filter(({ by }) => by !== 'group'),
    first_evidence_at: evidence[0]?.at ?? null,
    num_evidence: evidence.length,
    num_test_rows: test.length,
    attempts: attempts.map((one) => ({ ...one, is_erased: !existsSync(comparisonFolder(homeOf(folder), one.comparison)) })),
    gates: gates.map(({ at, comparison: of, gate_sha256, metric, margin, looks }) => ({
      at,
      comparison: of,
      gate_sha256,
      metric,
      margin,
      looks,
    })),
    ledger: { head: ledger.head, num_lines: ledger.entries.length },
    approvals: approvals.map((approval) => ({ at: approval.at, name: approval.name, key: fingerprint(approval) })),
  };
}
