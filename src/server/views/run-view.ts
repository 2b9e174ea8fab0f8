/** A run's files as its page shows them. */
import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { wilson } from '../../compare/verdict/shown-statistics.js';
import { verdictsOfRuns } from '../../compare/verdicts-of-runs.js';
import { Artifact, RewardReference } from '../../protocol/artifact.js';
import { Build } from '../../protocol/build.js';
import type { Event } from '../../protocol/event.js';
import { Inspection } from '../../protocol/inspection.js';
import { LintReport } from '../../protocol/lint.js';
import type { Plan } from '../../protocol/plan.js';
import { preferenceFigures } from '../../protocol/preference-figures.js';
import { dataName } from '../../protocol/recipe.js';
import { Exit, isActive, RunRecord } from '../../protocol/run.js';
import { RunLabel } from '../../protocol/run-label.js';
import { parityProblems } from '../../run/weights/parity.js';
import { readJson, readJsonIfKnown, readLines } from '../../store/files.js';
import { attemptFiles, listAttempts, runFiles, runFolder } from '../../store/home.js';
import { listRuns } from '../../store/runs.js';
import { devLosses, foldEvents } from '../../tune/fold-events.js';
import { exitError } from '../../tune/follow.js';
import { lastBegun, readStatus } from '../../tune/launch/attempts.js';
import { readPlanIfKnown } from '../../tune/read-plan.js';
import { secondsLeft } from '../../tune/seconds-left.js';
import type { RunView } from '../../web/pages/run/run-view.js';
import type { RunRow } from '../../web/pages/runs-page.js';
import type { Point } from '../../web/parts/curve.js';
import { listComparisons } from './comparison-view.js';

const LOG_BYTES = 6000;
const SPARK_POINTS = 60;

type StepEnd = Extract<Event, { type: 'step-end' }>;

/** Differs when a run may have changed: sizes of growing files, and its status. */
export function runStamp(run: string): string {
  const attempt = lastBegun(run);
  const sizes = attempt ? [attemptFiles(attempt).events, attemptFiles(attempt).log].map(sizeOf) : [];
  return [attempt, ...sizes, sizeOf(runFiles(run).build), readStatus(run)].join(' ');
}

export function runsStamp(home: string): string {
  return listRuns(home)
    .map(({ id }) => `${id} ${runStamp(runFolder(home, id))}`)
    .join('\n');
}

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : -1;
}

type ReadEvents = (run: string) => Event[];

export function runRows(home: string, readEvents: ReadEvents): RunRow[] {
  const verdicts = verdictsOfRuns(home);
  return listRuns(home).map((record) => {
    const run = runFolder(home, record.id);
    const plan = readPlanIfKnown(run);
    const progress = foldEvents(readEvents(run));
    const { steps } = progress;
    const every = Math.max(1, Math.ceil(steps.length / SPARK_POINTS));
    return {
      id: record.id,
      status: readStatus(run),
      created_at: record.created_at,
      model: plan?.models.policy.id ?? null,
      step: steps.at(-1)?.step ?? null,
      num_steps: plan?.forecast.num_steps ?? null,
      loss: steps.filter((_, index) => index % every === 0 || index === steps.length - 1).map(({ step, loss }) => ({ step, value: loss })),
      best_dev_loss: devLosses(progress)?.best.loss ?? null,
      seconds_left: steps.at(-1)?.seconds_left ?? null,
      name: runLabel(run).name,
      data: plan ? dataName(plan.data.asked, 'train') : null,
      verdict: verdicts.get(record.id)?.decision ?? null,
    };
  });
}

/** How a person looks at a run's curves. */
export interface CurveQuery {
  /** Ids of other runs. */
  beside: string[];
  is_log: boolean;
}

/** More lines than these cannot be told apart. */
const MAX_BESIDE = 3;

export const runLabel = (run: string): RunLabel => readJsonIfKnown(runFiles(run).label, RunLabel) ?? { name: '', note: '' };

export function runView(home: string, run: string, readEvents: ReadEvents, asked: CurveQuery = { beside: [], is_log: false }): RunView {
  const others = listRuns(home)
    .filter(({ id }) => id !== basename(run))
    .map(({ id }) => ({ id, name: runLabel(runFolder(home, id)).name || id }));
  const files = runFiles(run);
  const attempt = lastBegun(run);
  const progress = foldEvents(readEvents(run));
  const { steps, evals, worst_batch, phase, phase_share, samples } = progress;
  const plan = readPlanIfKnown(run);
  const exit = attempt ? readJsonIfKnown(attemptFiles(attempt).exit, Exit) : null;
  const error = attempt && exit?.error ? exitError(attempt, exit) : null;
  const status = readStatus(run);
  const spent = secondsSpent(run, isActive(status));
  // Comparisons are found by the hash of the adapter that was built for serving.
  const build = readJsonIfKnown(files.build, Build);
  const curve = (of: (step: StepEnd) => number): Point[] => steps.map((step) => ({ step: step.step, value: of(step) }));
  return {
    record: readJson(files.record, RunRecord),
    status,
    num_attempts: listAttempts(run).length,
    plan,
    inspection: readJsonIfKnown(files.inspection, Inspection),
    lint: readJsonIfKnown(files.lint, LintReport),
    artifact: readJsonIfKnown(files.artifact, Artifact),
    build,
    parity_problems: build && plan ? parityProblems(build.parity, plan.parity.served_mean_nats) : [],
    coverage: progress.coverage ?? plan?.coverage ?? [],
    worst_batch,
    phase,
    phase_share,
    step: steps.at(-1)?.step ?? 0,
    num_steps: plan?.forecast.num_steps ?? 0,
    seconds_left: secondsLeft(plan?.forecast ?? null, progress, spent),
    seconds_spent: spent,
    curves: {
      loss: curve(({ loss }) => loss),
      dev_loss: evals.map(({ step, loss }) => ({ step, value: loss })),
      tokens_per_second: curve(({ tokens_per_second }) => tokens_per_second),
      learning_rate: curve(({ learning_rate }) => learning_rate),
      grad_norm: curve(({ grad_norm }) => grad_norm),
      memory_bytes: curve(({ memory_bytes }) => memory_bytes),
      metrics: metricCurves(steps),
      dev_metrics: metricCurves(evals),
    },
    preference: lastPreference(plan, evals.at(-1)),
    reward: lastReward(plan, evals.at(-1)),
    scored_pairs: scoredPairs(files.rewardReference),
    samples: samples.map(({ step, prompt, answer, expected }) => ({ step, prompt, answer, expected })),
    error: error ? { message: error.message, hint: error.hint } : null,
    comparisons: (build ? listComparisons(home).comparisons : [])
      .filter(({ adapters }) => adapters.includes(build?.file.sha256 ?? ''))
      .map(({ slug, id, verdict }) => ({ slug, id, decision: verdict?.decision ?? null })),
    log_tail: attempt ? tailOf(attemptFiles(attempt).log) : '',
    label: runLabel(run),
    others,
    is_log: asked.is_log,
    beside: others
      .filter(({ id }) => asked.beside.includes(id))
      .slice(0, MAX_BESIDE)
      .map(({ id, name }) => {
        const { steps: theirs } = foldEvents(readEvents(runFolder(home, id)));
        const line = (of: 'loss' | 'grad_norm') => theirs.map((step) => ({ step: step.step, value: step[of] }));
        return { id, name, loss: line('loss'), grad_norm: line('grad_norm') };
      }),
  };
}

/** An attempt lasts from its supervisor's start to its recorded end; one that is active until now. */
function secondsSpent(run: string, isGoingOn: boolean): number | null {
  const spent = listAttempts(run).flatMap((attempt, index, attempts) => {
    const { supervisor, exit } = attemptFiles(attempt);
    if (!existsSync(supervisor)) return [];
    const ended = readJsonIfKnown(exit, Exit)?.ended_at;
    const isLast = index === attempts.length - 1;
    const end = ended ? Date.parse(ended) : isLast && isGoingOn ? Date.now() : null;
    return end === null ? [] : [Math.max(0, (end - statSync(supervisor).mtimeMs) / 1000)];
  });
  return spent.length === 0 ? null : spent.reduce((sum, seconds) => sum + seconds, 0);
}

/** One curve for each metric that the method logs. */
function metricCurves(steps: Pick<StepEnd, 'step' | 'metrics'>[]): Record<string, Point[]> {
  const names = [...new Set(steps.flatMap(({ metrics }) => Object.keys(metrics)))];
  const curveOf = (name: string) =>
    steps.flatMap(({ step, metrics }) => (name in metrics ? [{ step, value: metrics[name] as number }] : []));
  return Object.fromEntries(names.map((name) => [name, curveOf(name)]));
}

function lastPreference(plan: Plan | null, last: Pick<StepEnd, 'step' | 'metrics'> | undefined): RunView['preference'] {
  if (!plan || plan.method === 'sft' || plan.method === 'reward' || !last) return null;
  const { beta } = plan.values.training;
  const figures = preferenceFigures(last.metrics, beta);
  if (!figures) return null;
  const num_rows = plan.data.num_dev_rows;
  const { accuracy } = figures;
  const interval = accuracy === null ? null : wilson(Math.round(accuracy * num_rows), num_rows);
  return { ...figures, step: last.step, num_rows, interval, beta };
}

function lastReward(plan: Plan | null, last: Pick<StepEnd, 'step' | 'metrics'> | undefined): RunView['reward'] {
  const accuracy = last?.metrics['rewards/accuracies'];
  if (plan?.method !== 'reward' || !last || accuracy === undefined) return null;
  const num_rows = plan.data.num_dev_rows;
  return { step: last.step, num_rows, accuracy, interval: wilson(Math.round(accuracy * num_rows), num_rows) };
}

const SHOWN_PAIRS = 5;

/** Both answers of a pair are lines behind each other. */
function scoredPairs(reference: string): RunView['scored_pairs'] {
  const lines = existsSync(reference) ? readLines(reference, RewardReference) : [];
  const pairs = Array.from({ length: Math.min(SHOWN_PAIRS, Math.floor(lines.length / 2)) }, (_, index) =>
    lines.slice(2 * index, 2 * index + 2),
  );
  return pairs.map((pair) => ({
    prompt: pair[0]?.messages.findLast(({ role }) => role === 'user')?.content ?? '',
    answers: pair.map(({ messages, reward }) => ({ answer: messages.at(-1)?.content ?? '', reward })),
  }));
}

/** The last whole lines of a file that may be large. */
function tailOf(path: string): string {
  if (!existsSync(path)) return '';
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.min(size, LOG_BYTES));
    readSync(file, bytes, 0, bytes.length, size - bytes.length);
    const text = bytes.toString('utf8');
    // A progress bar overwrites itself: only its last state is kept.
    const lines = (size > LOG_BYTES ? text.slice(text.indexOf('\n') + 1) : text).split('\n');
    return lines.map((line) => line.split('\r').at(-1)).join('\n');
  } finally {
    closeSync(file);
  }
}
