/** Evidence and a gate become a verdict. A pure function: the same files always give the same figures. */

import { counted } from '../../protocol/errors.js';
import { type AnswerEvidence, type Evidence, isOf, type LikelihoodEvidence, type TimingEvidence } from '../../protocol/evidence.js';
import type { Gate } from '../../protocol/gate.js';
import { answerKind, metricModule, metricsOfKind } from '../../protocol/metrics/metrics.js';
import type { BaselineVerdict, CandidateFigures, Decision, GuardrailVerdict, Interval, Verdict } from '../../protocol/verdict.js';
import type { AttemptPlan } from '../attempts.js';
import { groupBounds, medianBounds, studentBounds } from './bounds.js';
import { judgeBaseline, judgeGuardrail } from './judge.js';
import { metricValues } from './metric-values.js';
import { wilson } from './shown-statistics.js';

export type Judgement = Omit<Verdict, 'at' | 'gate_sha256' | 'evidence_sha256' | 'caveats'>;

/** @param plan attempts that are planned on these rows share 5 %; beyond them the verdict is *hold* at best */
export function reachVerdict(gate: Gate, evidence: Evidence[], { attempt, planned }: AttemptPlan): Judgement {
  const alpha = 0.05 / planned;
  const valuesOf = (candidate: string) => metricValues(gate.metric, evidence, candidate);
  const rule = { metric: gate.metric, margin: gate.margin, alpha, num_baselines: gate.baselines.length };
  const baselines = gate.baselines.map((name) => judgeBaseline(name, valuesOf(gate.challenger), valuesOf(name), rule));
  // The strongest baseline leads: the one that the challenger is least ahead of.
  baselines.sort((a, b) => a.difference.estimate - b.difference.estimate);
  const guardrails = judgeGuardrails(gate, evidence, alpha);
  const within = combine(baselines, guardrails, gate);
  const isBeyond = attempt > planned;
  const decision = isBeyond && within === 'ship' ? 'hold' : within;
  const because = explain(within, baselines, guardrails, gate);
  const candidates = [...new Set([gate.challenger, ...baselines.map(({ baseline }) => baseline)])];
  return {
    decision,
    channel: 'measured',
    challenger: gate.challenger,
    metric: gate.metric,
    margin: gate.margin,
    is_noninferiority: gate.noninferiority === true,
    attempt,
    planned_attempts: planned,
    would_be: isBeyond ? within : null,
    because:
      isBeyond && decision === 'hold'
        ? `${usedUp({ attempt, planned })}; within the plan it would have been ${within}: ${because}`
        : because,
    baselines,
    guardrails,
    candidates: candidates.map((name) => figuresOf(name, gate, evidence)),
    currency: gate.currency,
    not_measured: notMeasured(evidence),
  };
}

/** What was not measured, each once, with the number of rows where it is of rows. */
function notMeasured(evidence: Evidence[]): string[] {
  const counts = new Map<string, number>();
  for (const line of evidence) {
    if (line.kind !== 'not-measured') continue;
    const text = `${line.candidates[0]?.name}: ${line.what} (${line.reason})`;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].map(([text, count]) => (count === 1 ? text : `${text}, ${count} rows`));
}

function combine(baselines: BaselineVerdict[], guardrails: GuardrailVerdict[], gate: Gate): Decision {
  if (guardrails.some(({ state }) => state === 'fails') || baselines.some(({ decision }) => decision === 'skip')) return 'skip';
  const allShip = baselines.every(({ decision }) => decision === 'ship') && guardrails.every(({ state }) => state === 'holds');
  return allShip && !metricModule(gate.metric).never_ships ? 'ship' : 'hold';
}

function judgeGuardrails(gate: Gate, evidence: Evidence[], alpha: number): GuardrailVerdict[] {
  const mine = evidence.filter((line) => isOf(line, gate.challenger));
  const { valid_json, time_to_first_token_ms, forgetting_nats } = gate.guardrails;
  const verdicts: GuardrailVerdict[] = [];
  if (valid_json !== undefined) {
    const values = mine.filter((line) => line.kind === 'answer').map((line) => ({ value: line.scores.valid_json ?? 0, group: line.group }));
    const bounds = values.length > 0 ? groupBounds(values, { least: 0, largest: 1 }, alpha) : null;
    verdicts.push(judgeGuardrail('valid_json', valid_json, bounds, true));
  }
  if (time_to_first_token_ms !== undefined) {
    const values = warmTimings(mine).map((line) => line.time_to_first_token_ms);
    verdicts.push(
      judgeGuardrail(
        'time_to_first_token_ms',
        time_to_first_token_ms,
        finite(values.length > 0 ? medianBounds(values, alpha) : null),
        false,
      ),
    );
  }
  if (forgetting_nats !== undefined) {
    const values = forgetting(mine);
    verdicts.push(
      judgeGuardrail('forgetting_nats', forgetting_nats, finite(values.length > 0 ? studentBounds(values, alpha) : null), false),
    );
  }
  return verdicts;
}

/** Infinite bounds mean too few measurements: treated as not measured, since JSON has no infinity. */
function finite(interval: Interval | null): Interval | null {
  return interval && Number.isFinite(interval.low) && Number.isFinite(interval.high) ? interval : null;
}

function warmTimings(lines: Evidence[]): TimingEvidence[] {
  return keptTimings(lines).filter(({ is_cold }) => !is_cold);
}

/** Of each row that was timed several times the least disturbed one. */
function keptTimings(lines: Evidence[]): TimingEvidence[] {
  const kept = new Map<string, TimingEvidence>();
  for (const line of lines) {
    if (line.kind !== 'timing') continue;
    const key = `${line.candidates[0]?.name} ${line.example_id} ${line.is_cold}`;
    const before = kept.get(key);
    if (!before || (line.other_cores ?? 0) < (before.other_cores ?? 0)) kept.set(key, line);
  }
  return [...kept.values()];
}

/** Loss of log-probability a token of the base's own answers; below zero where the candidate likes them more. */
function forgetting(lines: Evidence[]) {
  const likelihoods = lines.filter((line): line is LikelihoodEvidence => line.kind === 'likelihood');
  return likelihoods.map((line) => ({ value: line.base_logprob - line.logprob, group: line.example_id }));
}

export function figuresOf(candidate: string, gate: Gate, evidence: Evidence[]): CandidateFigures {
  const lines = evidence.filter((line) => isOf(line, candidate));
  const answers = lines.filter((line): line is AnswerEvidence => line.kind === 'answer');
  const warm = warmTimings(lines);
  const kept = keptTimings(lines);
  const cold = kept.filter(({ is_cold }) => is_cold);
  const loads = kept.flatMap(({ other_cores }) => other_cores ?? []);
  const medianOf = (values: number[]) => (values.length > 0 ? medianBounds(values, 0.05).estimate : null);
  const decoded = warm.reduce((sum, line) => sum + line.completion_tokens - 1, 0);
  const decodeSeconds = warm.reduce((sum, line) => sum + line.decode_ms, 0) / 1000;
  const tokensPerSecond = decodeSeconds > 0 ? decoded / decodeSeconds : null;
  const forgotten = forgetting(lines);
  return {
    candidate,
    num_rows: answerKind(gate.metric) === 'score' ? metricValues(gate.metric, lines, candidate).length : answers.length,
    ...qualityOf(candidate, gate, lines),
    tokens_per_second: tokensPerSecond,
    time_to_first_token_cold_ms: medianOf(cold.map((line) => line.time_to_first_token_ms)),
    time_to_first_token_warm_ms: medianOf(warm.map((line) => line.time_to_first_token_ms)),
    cost_per_million_tokens: tokensPerSecond ? (gate.price_per_hour / (tokensPerSecond * 3600)) * 1e6 : null,
    forgetting_nats: forgotten.length > 0 ? meanOf(forgotten.map(({ value }) => value)) : null,
    ...(loads.length > 0 ? { other_cores: Math.max(...loads) } : {}),
  };
}

/** The mean of each metric of the gate's kind of answer, with Wilson's interval of counts. */
function qualityOf(candidate: string, gate: Gate, lines: Evidence[]): Partial<CandidateFigures> {
  const figures = metricsOfKind(gate.metric).flatMap((metric): [string, CandidateFigures['accuracy_wilson'] | number | null][] => {
    const { score, is_count } = metricModule(metric);
    const values = metricValues(metric, lines, candidate).map(({ value }) => value);
    // Scored answers of which there are none are none that is right; what was not scored has no figure.
    if (score === null && values.length === 0) return [[metric, null]];
    const mean = meanOf(values);
    if (!is_count) return [[metric, mean]];
    const interval = wilson(values.filter((value) => value === 1).length, values.length);
    return [
      [metric, mean],
      [`${metric}_wilson`, interval],
    ];
  });
  return Object.fromEntries(figures);
}

function meanOf(values: number[]): number {
  return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : 0;
}

/** In words. */
export function usedUp({ attempt, planned }: AttemptPlan): string {
  return `these rows are used up: ${counted(attempt, 'attempt')}, ${planned} planned`;
}

/** Of the baselines that hold the verdict, the one that needs the most further groups. */
function mostDemanding(baselines: BaselineVerdict[]): BaselineVerdict | undefined {
  const needed = ({ more_groups }: BaselineVerdict) => more_groups ?? Number.POSITIVE_INFINITY;
  return baselines.filter(({ decision }) => decision === 'hold').sort((a, b) => needed(b) - needed(a))[0];
}

function explain(decision: Decision, baselines: BaselineVerdict[], guardrails: GuardrailVerdict[], gate: Gate): string {
  const { amount, never_ships } = metricModule(gate.metric);
  const against = ({ baseline, difference }: BaselineVerdict) =>
    `${amount(difference.estimate)} (95 %: ${amount(difference.low)} to ${amount(difference.high)}) against ${baseline}`;
  const failed = guardrails.find(({ state }) => state === 'fails');
  if (failed) return `the guardrail ${failed.guardrail} fails: measured ${failed.measured?.estimate.toPrecision(3)}, limit ${failed.limit}`;
  const strongest = baselines[0] as BaselineVerdict;
  if (decision === 'skip') {
    const lost = baselines.find((baseline) => baseline.decision === 'skip') as BaselineVerdict;
    return `${gate.metric}: ${against(lost)} stays under the margin of ${amount(gate.margin)}`;
  }
  if (decision === 'ship')
    return `${gate.metric}: ${against(strongest)} clears the margin of ${amount(gate.margin)}, and every guardrail holds`;
  const undecided = mostDemanding(baselines);
  if (undecided?.num_rows === 0) return `${gate.metric}: no row was measured of both ${gate.challenger} and ${undecided.baseline}`;
  if (undecided) {
    const settle = undecided.more_groups === null ? 'too close to call' : `${undecided.more_groups} more groups would settle it`;
    return `${gate.metric}: ${against(undecided)} does not settle the margin of ${amount(gate.margin)}; ${settle}`;
  }
  const open = guardrails.find(({ state }) => state === 'open');
  if (!open) {
    return `${gate.metric}: ${against(strongest)}; ${never_ships}`;
  }
  return open.measured ? `the guardrail ${open.guardrail} is not settled` : `the guardrail ${open.guardrail} was not measured`;
}
