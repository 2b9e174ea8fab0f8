/** What the page of a run shows. */
import type { Artifact } from '../../../protocol/artifact.js';
import type { Build } from '../../../protocol/build.js';
import type { ModuleCoverage } from '../../../protocol/event.js';
import type { Inspection } from '../../../protocol/inspection.js';
import type { LintReport } from '../../../protocol/lint.js';
import type { Plan } from '../../../protocol/plan.js';
import type { PreferenceFigures } from '../../../protocol/preference-figures.js';
import type { JobStatus, RunRecord } from '../../../protocol/run.js';
import type { RunLabel } from '../../../protocol/run-label.js';
import type { Point } from '../../parts/curve.js';

export interface Sample {
  step: number;
  prompt: string;
  answer: string;
  expected: string;
}

export interface RunView {
  record: RunRecord;
  status: JobStatus;
  num_attempts: number;
  plan: Plan | null;
  inspection: Inspection | null;
  lint: LintReport | null;
  artifact: Artifact | null;
  build: Build | null;
  /** What keeps the build from being served; empty where nothing does. */
  parity_problems: string[];
  coverage: ModuleCoverage[];
  /** The longest rows, tried before step 1. */
  worst_batch: { num_tokens: number; memory_bytes: number; forecast_bytes: number } | null;
  /** The worker's phase between steps. */
  phase: string | null;
  /** Of the phase, 0 to 1, where it counts. */
  phase_share: number | null;
  step: number;
  num_steps: number;
  seconds_left: number | null;
  /** Of all attempts, from the first event of each to its last; null before the first. */
  seconds_spent: number | null;
  curves: {
    loss: Point[];
    dev_loss: Point[];
    tokens_per_second: Point[];
    learning_rate: Point[];
    grad_norm: Point[];
    memory_bytes: Point[];
    /** Figures of the method, by name. */
    metrics: Record<string, Point[]>;
    /** The same at dev passes. */
    dev_metrics: Record<string, Point[]>;
  };
  /** Of the last dev pass of a run on preferences; null: of another method, or before the first. */
  preference: (PreferenceFigures & { step: number; num_rows: number; interval: { low: number; high: number } | null; beta: number }) | null;
  /** Of the last dev pass of a reward model. */
  reward: { step: number; num_rows: number; accuracy: number; interval: { low: number; high: number } } | null;
  /** What a reward model that is done makes of the first dev pairs, the better answer first. */
  scored_pairs: { prompt: string; answers: { answer: string; reward: number }[] }[];
  samples: Sample[];
  error: { message: string; hint: string } | null;
  /** Comparisons in which its adapter stands. */
  comparisons: { slug: string; id: string; decision: string | null }[];
  log_tail: string;
  label: RunLabel;
  /** Other runs whose curves are drawn behind its own. */
  beside: { id: string; name: string; loss: Point[]; grad_norm: Point[] }[];
  is_log: boolean;
  /** Runs that can be drawn beside it. */
  others: { id: string; name: string }[];
}
