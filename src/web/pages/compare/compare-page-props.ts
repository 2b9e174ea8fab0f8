/** What the page of a comparison shows. */
import type { Candidate } from '../../../protocol/candidate.js';
import type { EngineFacts } from '../../../protocol/endpoint.js';
import type { Example } from '../../../protocol/example.js';
import type { Gate } from '../../../protocol/gate.js';
import type { JudgedAttempt } from '../../../protocol/ledger.js';
import type { Metric } from '../../../protocol/metrics/metrics.js';
import type { Review, Reviewer } from '../../../protocol/review.js';
import type { CandidateFigures, Verdict } from '../../../protocol/verdict.js';
import type { Frame } from '../../layout.js';

/** One candidate with everything that the page shows of it. */
export interface ShownCandidate {
  candidate: Candidate;
  figures: CandidateFigures;
  reviews: Review[];
  facts: EngineFacts | null;
}

export interface ComparePageProps {
  frame: Frame;
  id: string;
  /** Ids of other comparisons of the same two, newest first. */
  others: string[];
  slug: string;
  gate: Gate;
  /** The one that is shown, and for a two-way comparison the other way round. */
  verdicts: Verdict[];
  /** Challenger first, then baselines, the strongest first. */
  candidates: ShownCandidate[];
  reviewers: Reviewer[];
  examples: Example[];
  example_rule: string;
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
