/** The verdict as the terminal's last screen. */

import { QUIET_CORES } from '../protocol/evidence.js';
import { answerKind, type Metric, metricModule } from '../protocol/metrics/metrics.js';
import { GUARDRAIL_TEXTS, qualityFigures } from '../protocol/quality.js';
import { milliseconds, points } from '../protocol/units.js';
import type { BaselineVerdict, CandidateFigures, GuardrailVerdict, Verdict } from '../protocol/verdict.js';
import { style } from './style.js';
import { table } from './table.js';

/** With `--exit-code`; beside those of errors (protocol/errors/catalogue-row.ts). */
export const VERDICT_EXIT_CODES: Record<Verdict['decision'], number> = { ship: 0, skip: 10, hold: 11 };

export function verdictScreen(verdict: Verdict, where: { comparison: string; run?: string }): string {
  const colour = { ship: 'green', skip: 'red', hold: 'yellow' } as const;
  const icon = { ship: '✓', skip: '✗', hold: '…' }[verdict.decision];
  const title = style([colour[verdict.decision], 'bold'], `${icon} ${verdict.decision.toUpperCase()}  ${verdict.challenger}`);
  const lines = [
    '',
    `${title}   decided by: ${verdict.channel} evidence`,
    `  ${verdict.because}.`,
    ...verdict.caveats.map((text) => style('yellow', `  ${text}.`)),
    `  attempt ${verdict.attempt} on these rows, ${verdict.planned_attempts} planned`,
    ...(verdict.would_be === null ? [] : ['  for a further verdict: slipway fresh-test RECIPE; choose between runs on dev rows']),
    ...(verdict.is_noninferiority ? ['  This gate asks only whether it is not much worse: its margin is below zero.'] : []),
    '',
    candidateTable(verdict.candidates, verdict.metric, verdict.currency),
    '',
    baselineTable(verdict),
    ...(verdict.guardrails.length > 0 ? ['', guardrailTable(verdict.guardrails)] : []),
    ...verdict.baselines.map((baseline) => shownLine(baseline, verdict.metric)),
    ...verdict.candidates.flatMap(loadLine),
    ...verdict.not_measured.map((text) => `  not measured: ${text}`),
    '',
    `  gate ${verdict.gate_sha256.slice(0, 12)}… was fixed before the evidence; to recompute every figure: slipway verify ${where.comparison}`,
    `  page: slipway studio, then Comparisons`,
    ...(where.run ? [`  serve it: slipway serve ${where.run}`] : []),
    '',
  ];
  return lines.join('\n');
}

function loadLine({ candidate, other_cores = 0 }: CandidateFigures): string[] {
  return other_cores > QUIET_CORES
    ? [`  measured under load: other programs used up to ${other_cores.toFixed(1)} cores while ${candidate} was timed`]
    : [];
}

/** The verdict in one line. */
export function verdictLine(verdict: Verdict): string {
  const strongest = verdict.baselines[0] as BaselineVerdict;
  const { estimate, low, high } = strongest.difference;
  const { amount } = metricModule(verdict.metric);
  return `${verdict.decision.toUpperCase()}: ${verdict.challenger} leads ${strongest.baseline}, the strongest baseline, by ${amount(estimate)} (95 %: ${amount(low)} to ${amount(high)})`;
}

function candidateTable(candidates: CandidateFigures[], metric: Metric, currency: string): string {
  const dash = (value: number | null, show: (value: number) => string) => (value === null ? '—' : show(value));
  const names = qualityFigures(metric, candidates[0] as CandidateFigures).map(({ name }) => name);
  // Of models that write nothing no speed is measured.
  const speeds = answerKind(metric) === 'score' ? [] : ['tokens/s', 'first token warm', 'cold', `${currency}/1M tokens`];
  return table([
    ['candidate', ...names, ...speeds].map((head) => style('dim', head)),
    ...candidates.map((figures) =>
      [
        figures.candidate,
        ...qualityFigures(metric, figures).map(({ text }) => text),
        dash(figures.tokens_per_second, (value) => value.toFixed(0)),
        dash(figures.time_to_first_token_warm_ms, milliseconds),
        dash(figures.time_to_first_token_cold_ms, milliseconds),
        dash(figures.cost_per_million_tokens, (value) => value.toFixed(2)),
      ].slice(0, 1 + names.length + speeds.length),
    ),
  ]);
}

function baselineTable({ baselines, challenger, margin, metric }: Verdict): string {
  const { unit } = metricModule(metric);
  const amount = difference(metric);
  return table([
    [`${challenger} minus`, unit, '95 % from', 'to', 'margin', 'rows', 'groups', ''].map((head) => style('dim', head)),
    ...baselines.map(({ baseline, difference, num_rows, num_groups, decision }) => [
      baseline,
      amount(difference.estimate),
      amount(difference.low),
      amount(difference.high),
      amount(margin),
      String(num_rows),
      String(num_groups),
      decision,
    ]),
  ]);
}

function guardrailTable(guardrails: GuardrailVerdict[]): string {
  return table([
    ['guardrail', 'limit', 'measured', '95 % from', 'to', ''].map((head) => style('dim', head)),
    ...guardrails.map(({ guardrail, limit, measured, state }) => {
      const { name, show } = GUARDRAIL_TEXTS[guardrail];
      const figures = measured ? [measured.estimate, measured.low, measured.high].map(show) : ['not measured', '—', '—'];
      return [name, show(limit), ...figures, state];
    }),
  ]);
}

function shownLine({ baseline, shown }: BaselineVerdict, metric: Metric): string {
  const { wins, losses, mcnemar_p, bootstrap } = shown;
  const range = [bootstrap.low, bootstrap.high].map(difference(metric)).join(' to ');
  const p = mcnemar_p < 1e-4 ? 'p < 0.0001' : `p = ${mcnemar_p.toFixed(4)}`;
  return style(
    'dim',
    `  shown, not deciding, against ${baseline}: ${wins} rows better and ${losses} worse (McNemar ${p}), bootstrap ${range}`,
  );
}

/** In a column whose head has the unit. */
function difference(metric: Metric): (value: number) => string {
  const { unit, amount } = metricModule(metric);
  return unit === 'points' ? points : amount;
}
