/** What the page of a comparison shows. */
import type { Candidate } from '../../../protocol/candidate.js';
import type { EngineFacts } from '../../../protocol/endpoint.js';
import type { Gate } from '../../../protocol/gate.js';
import type { JudgedAttempt } from '../../../protocol/ledger.js';
import type { Metric } from '../../../protocol/metrics/metrics.js';
import type { Review, Reviewer } from '../../../protocol/review.js';
import type { Breakdown, RowQuery, RowResult } from '../../../protocol/row-result.js';
import type { CandidateFigures, Verdict } from '../../../protocol/verdict.js';

/** One candidate with everything that the page shows of it. */
export interface ShownCandidate {
  candidate: Candidate;
  figures: CandidateFigures;
  reviews: Review[];
  facts: EngineFacts | null;
  /** When the run behind it was erased; null: it is here, or it is no run. */
  erased_at: string | null;
}

export interface ComparePageProps {
  id: string;
  slug: string;
  title: string;
  /** What the test rows were read from; null: an earlier version did not record it. */
  data: string | null;
  gate: Gate;
  /** The one that is shown, and for a two-way comparison the other way round. */
  verdicts: Verdict[];
  /** What both ways mean together; null where there is one way. */
  conclusion: string | null;
  /** Challenger first, then baselines, the strongest first. */
  candidates: ShownCandidate[];
  reviewers: Reviewer[];
  examples: RowResult[];
  example_rule: string;
  /** Rows are right or wrong, and not more or less. */
  is_count: boolean;
  /** How many rows each filter of the rows' page shows. */
  row_counts: Record<RowQuery['show'], number>;
  breakdowns: Breakdown[];
  first_evidence_at: string | null;
  num_evidence: number;
  num_test_rows: number;
  /** Verdicts on the same question and rows, in the order in which they were reached; this one among them. */
  attempts: ShownAttempt[];
  /** In the order in which they were fixed; the first one's `looks` is the plan. */
  gates: ShownGate[];
  ledger: { head: string; num_lines: number };
  approvals: { at: string; name: string; key: string }[];
}

export interface ShownAttempt extends JudgedAttempt {
  at: string;
  /** Its comparison was erased; the ledger still has it. */
  is_erased: boolean;
}

export interface ShownGate {
  at: string;
  comparison: string;
  gate_sha256: string;
  metric: Metric;
  margin: number;
  looks: number;
}

/** Which comparison a page of rows is of. */
export interface RowsOf {
  id: string;
  slug: string;
  title: string;
  metric: Metric;
  is_count: boolean;
  challenger: string;
  baseline: string;
}
