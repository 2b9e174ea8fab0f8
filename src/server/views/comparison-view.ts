/** A comparison's files as its page shows them. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { asJudged, comparisonId, readComparison } from '../../compare/comparison.js';
import { askPanel, REVIEWERS } from '../../compare/panel/ask-panel.js';
import { EXAMPLE_RULE, pickExamples, TEXT_EXAMPLE_RULE } from '../../compare/pick-examples.js';
import { figuresOf } from '../../compare/verdict/reach-verdict.js';
import type { Candidate } from '../../protocol/candidate.js';
import { AppError } from '../../protocol/errors.js';
import { Evidence } from '../../protocol/evidence.js';
import { answerKind, type Gate } from '../../protocol/gate.js';
import { Verdict } from '../../protocol/verdict.js';
import { ifReadable, readLines } from '../../store/files.js';
import { comparisonFiles } from '../../store/home.js';
import type { ComparePageProps, ShownCandidate } from '../../web/pages/compare/compare-page-props.js';
import type { ComparisonRow } from '../../web/pages/comparisons-page.js';

/** All comparisons, the newest verdict first, and the ids of those that another version of Slipway has written. */
export function listComparisons(home: string): { comparisons: ComparisonRow[]; unreadable: string[] } {
  const folder = join(home, 'comparisons');
  const ids = existsSync(folder) ? readdirSync(folder).filter((id) => existsSync(comparisonFiles(join(folder, id)).gate)) : [];
  const read = ids.map((id) => ({ id, row: ifReadable(() => comparisonRow(join(folder, id))) }));
  const comparisons = read.flatMap(({ row }) => row ?? []);
  comparisons.sort((a, b) => ((a.verdict?.at ?? '') < (b.verdict?.at ?? '') ? 1 : -1));
  return { comparisons, unreadable: read.flatMap(({ id, row }) => (row ? [] : [id])) };
}

function comparisonRow(folder: string): ComparisonRow {
  const comparison = readComparison(folder);
  const files = comparisonFiles(folder);
  const verdict = leadingVerdict(readLines(files.verdicts, Verdict), comparison.gate);
  const baselines = verdict?.baselines.map(({ baseline }) => baseline) ?? comparison.gate.baselines;
  return {
    id: comparisonId(comparison),
    slug: slugOf(comparison.candidates, comparison.gate.challenger, baselines[0] as string),
    challenger: comparison.gate.challenger,
    baselines,
    verdict,
    num_evidence: readLines(files.evidence, Evidence).length,
  };
}

/** The last look at the gate's own challenger. */
function leadingVerdict(verdicts: Verdict[], gate: Gate): Verdict | null {
  return verdicts.findLast(({ challenger }) => challenger === gate.challenger) ?? null;
}

/** Where the page of a comparison lies. */
export function comparisonPath(folder: string): string {
  const { slug, id } = comparisonRow(folder);
  return `/compare/${slug}?v=${id}`;
}

/** `a-vs-b` in alphabetical order: one pair has one address, whoever challenges. */
export function slugOf(candidates: Candidate[], challenger: string, baseline: string): string {
  const part = (name: string) => {
    const model = candidates.find((candidate) => candidate.name === name)?.model ?? '';
    return `${name}-${model}`
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '');
  };
  return [part(challenger), part(baseline)].sort().join('-vs-');
}

type View = Omit<ComparePageProps, 'frame' | 'others'>;

/** @throws AppError comparison-not-judged when there is evidence and no verdict yet */
export function comparisonView(folder: string): View {
  const comparison = readComparison(folder);
  const files = comparisonFiles(folder);
  const id = comparisonId(comparison);
  const evidence = readLines(files.evidence, Evidence).filter((line) => line.gate_sha256 === comparison.gate_sha256);
  const verdicts = readLines(files.verdicts, Verdict);
  const verdict = leadingVerdict(verdicts, comparison.gate);
  if (!verdict) throw new AppError('comparison-not-judged', { comparison: id, lines: evidence.length });
  const otherWay = verdicts.findLast(({ challenger }) => challenger !== comparison.gate.challenger);
  const gate = asJudged(comparison.gate, verdict.challenger);
  const named = (name: string) => comparison.candidates.find((candidate) => candidate.name === name) as Candidate;
  const ordered = [verdict.challenger, ...verdict.baselines.map(({ baseline }) => baseline)].map(named);
  const reviews = askPanel(gate, ordered, evidence, comparison.test.length);
  const candidates = ordered.map(
    (candidate): ShownCandidate => ({
      candidate,
      figures: figuresOf(candidate.name, gate, evidence),
      reviews: reviews.filter((review) => review.candidate === candidate.name),
      facts: evidence.find((line) => line.candidate === candidate.name)?.facts ?? null,
    }),
  );
  const names = ordered.map(({ name }) => name);
  const strongest = names[1] as string;
  return {
    id,
    slug: slugOf(ordered, verdict.challenger, strongest),
    gate,
    verdicts: [verdict, ...(otherWay ? [otherWay] : [])],
    candidates,
    reviewers: REVIEWERS,
    examples: pickExamples(gate, comparison.test, evidence, names, strongest),
    example_rule: answerKind(gate.metric) === 'text' ? TEXT_EXAMPLE_RULE : EXAMPLE_RULE,
    first_evidence_at: evidence[0]?.at ?? null,
    num_evidence: evidence.length,
    num_test_rows: comparison.test.length,
  };
}
