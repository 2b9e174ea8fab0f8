/** slipway show RUN|COMPARISON */
import { basename } from 'node:path';
import { wilson } from '../../compare/verdict/shown-statistics.js';
import { findJob } from '../../flow/find-job.js';
import { Artifact, type RewardFigures } from '../../protocol/artifact.js';
import { Build } from '../../protocol/build.js';
import { percent, signed } from '../../protocol/metrics/metric.js';
import { Exit, RunRecord } from '../../protocol/run.js';
import { localTime } from '../../protocol/units.js';
import { comparisonView, measuringView } from '../../server/views/comparison-view.js';
import { readJson, readJsonIfKnown } from '../../store/files.js';
import { attemptFiles, listAttempts, runFiles, slipwayHome } from '../../store/home.js';
import { devLosses, foldEvents, type RunProgress } from '../../tune/fold-events.js';
import { exitError } from '../../tune/follow.js';
import { lastBegun, readStatus } from '../../tune/launch/attempts.js';
import { readEvents } from '../../tune/read-events.js';
import { readPlanIfKnown } from '../../tune/read-plan.js';
import { coverageTable } from '../coverage-table.js';
import { printJson } from '../options.js';
import { verdictScreen } from '../show-verdict.js';
import { cut } from '../table.js';

export function showCommand(id: string, options: { json?: boolean }): void {
  const { kind, folder } = findJob(slipwayHome(), id);
  if (kind === 'comparison') showComparison(folder, options.json === true);
  else showRun(folder, options.json === true);
}

/** The verdict, or how far it is. */
function showComparison(folder: string, isJson: boolean): void {
  const view = comparisonView(folder);
  const [verdict] = view?.verdicts ?? [];
  const measuring = measuringView(folder);
  if (isJson) printJson({ ...measuring, verdict: verdict ?? null, ledger_head: view?.ledger.head ?? null });
  else if (verdict) process.stdout.write(verdictScreen(verdict, { comparison: basename(folder) }));
  else {
    const { status, phase, num_evidence, num_test_rows, error } = measuring;
    const lines = [
      `${basename(folder)}: ${status}${phase && status === 'running' ? `, ${phase}` : ''}`,
      `  ${num_evidence} lines of evidence on ${num_test_rows} test rows`,
      ...(error ? [`  failed   ${error.message}`, `           ${error.hint}`] : []),
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  }
}

function showRun(run: string, isJson: boolean): void {
  const files = runFiles(run);
  const attempt = lastBegun(run);
  const shown = {
    record: readJson(files.record, RunRecord),
    status: readStatus(run),
    num_attempts: listAttempts(run).length,
    plan: readPlanIfKnown(run),
    exit: attempt ? readJsonIfKnown(attemptFiles(attempt).exit, Exit) : null,
    artifact: readJsonIfKnown(files.artifact, Artifact),
    build: readJsonIfKnown(files.build, Build),
    events: readEvents(run),
  };
  if (isJson) {
    printJson(shown);
    return;
  }
  const progress = foldEvents(shown.events);
  const lines = [
    `${basename(run)}: ${shown.status}, attempt ${shown.num_attempts}, started ${localTime(shown.record.created_at)}`,
    `  folder   ${run}`,
    `  recipe   ${shown.record.recipe_file}`,
    ...lossLines(progress),
    ...(shown.artifact?.reward ? [`  rewards  ${rewardText(shown.artifact.reward)}`] : []),
    ...(progress.coverage ? ['  what is trained', coverageTable(progress.coverage)] : []),
    ...sampleLines(progress),
  ];
  if (shown.exit?.error && attempt) {
    const error = exitError(attempt, shown.exit);
    lines.push(`  failed   ${error.message}`, `           ${error.hint}`);
  }
  if (shown.build) {
    const { float32, served, trained } = shown.build.parity;
    lines.push(
      `  parity   F32 mean ${float32.mean_nats.toExponential(1)}, worst ${float32.worst_nats.toExponential(1)} nats; ${served.base_type} mean ${served.mean_nats.toFixed(4)} nats${trained ? `; ${trained.base_type} mean ${trained.mean_nats.toFixed(4)} nats` : ''}`,
    );
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

function rewardText({ num_pairs, num_right, length_correlation, num_matched_pairs, num_right_matched }: RewardFigures): string {
  const { low, high } = wilson(num_right, num_pairs);
  return [
    `${num_right} of ${num_pairs} dev pairs right (95 %: ${percent(low)} to ${percent(high)})`,
    ...(num_matched_pairs > 0 ? [`${num_right_matched} of ${num_matched_pairs} of about equal length`] : []),
    ...(length_correlation === null ? [] : [`correlation with length ${signed(length_correlation, 2)}`]),
  ].join(', ');
}

const SPARK = '▁▂▃▄▅▆▇█';

/** The loss curve as one line of blocks, and the two dev losses. */
function lossLines(progress: RunProgress): string[] {
  const losses = progress.steps.map(({ loss }) => loss);
  const dev = devLosses(progress);
  if (losses.length === 0) return [];
  const width = Math.min(60, losses.length);
  const largest = Math.max(...losses);
  const blocks = Array.from({ length: width }, (_, i) => {
    const loss = losses[Math.floor((i * losses.length) / width)] as number;
    return SPARK[Math.min(SPARK.length - 1, Math.floor((loss / largest) * SPARK.length))];
  });
  const first = losses[0] as number;
  const last = losses.at(-1) as number;
  return [
    `  loss     ${blocks.join('')} ${first.toFixed(4)} → ${last.toFixed(4)}`,
    ...(dev
      ? [
          `  best dev loss ${dev.best.loss.toFixed(4)} at step ${dev.best.step}, last dev loss ${dev.last.loss.toFixed(4)} at step ${dev.last.step}`,
        ]
      : []),
  ];
}

function sampleLines({ samples }: RunProgress): string[] {
  const sample = samples.at(-1);
  if (!sample) return [];
  return [
    `  last dev sample (step ${sample.step})`,
    `    asked    ${cut(sample.prompt, 150)}`,
    `    answered ${cut(sample.answer, 200)}`,
    `    expected ${cut(sample.expected, 200)}`,
  ];
}
