/** The panel's reviews as evidence of their own channel: asked once, kept, and recomputed by `verify`. */
import type { Candidate } from '../protocol/candidate.js';
import { Evidence, type ReviewEvidence } from '../protocol/evidence.js';
import type { Review } from '../protocol/review.js';
import { readLines } from '../store/files.js';
import { sha256Value } from '../store/hash.js';
import { comparisonFiles } from '../store/home.js';
import { type Comparison, measuredEvidence } from './comparison.js';
import { openRecorder } from './evidence/recorder.js';
import { askPanel } from './panel/ask-panel.js';

/** Reviews of all judged candidates on the evidence there is; those that were kept before stay. */
export function reviewComparison(comparison: Comparison): void {
  const evidence = measuredEvidence(comparison);
  const recorder = openRecorder({
    file: comparisonFiles(comparison.folder).reviews,
    gate_sha256: comparison.gate_sha256,
    channel: 'reviews',
    producer: 'panel of rules',
  });
  const evidence_sha256 = sha256Value(evidence);
  for (const { reviewer, candidate, stance, sentences } of panelOf(comparison, evidence)) {
    const of = comparison.candidates.find(({ name }) => name === candidate) as Candidate;
    const example_id = `${reviewer} ${evidence_sha256.slice(0, 16)}`;
    recorder.add('review', of, null, { example_id, group: reviewer, repeat: 0, stance, sentences, evidence_sha256 });
  }
}

/** The reviews that were kept of this evidence. */
export function readReviews(comparison: Comparison, evidence: Evidence[]): Review[] {
  const evidence_sha256 = sha256Value(evidence);
  return readLines(comparisonFiles(comparison.folder).reviews, Evidence)
    .filter((line): line is ReviewEvidence => line.kind === 'review' && line.evidence_sha256 === evidence_sha256)
    .map(({ group, candidates, stance, sentences }) => ({ reviewer: group, candidate: candidates[0]?.name ?? '', stance, sentences }));
}

/** The panel's reviews of the judged candidates. */
export function panelOf({ gate, candidates, test }: Comparison, evidence: Evidence[]): Review[] {
  const judged = candidates.filter(({ name }) => name === gate.challenger || gate.baselines.includes(name));
  return askPanel({ gate, candidates: judged, evidence, num_test_rows: test.length });
}
