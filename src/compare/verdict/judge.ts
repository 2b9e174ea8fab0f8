/** The gate's rule on one baseline and on one guardrail. Pure functions. */
import { type Metric, metricModule } from '../../protocol/metrics/metrics.js';
import type { BaselineVerdict, Decision, GuardrailVerdict, Interval } from '../../protocol/verdict.js';
import { type GroupedValue, groupBounds, groupedMean, groupsToSettle, MIN_GROUPS, studentBounds } from './bounds.js';
import type { MetricValue } from './metric-values.js';
import { groupBootstrap, mcNemarP } from './shown-statistics.js';

export interface Rule {
  metric: Metric;
  margin: number;
  /** Two-sided. */
  alpha: number;
  num_baselines: number;
}

/** Rows that both have answered, paired by example_id. */
export function judgeBaseline(
  baseline: string,
  challengerValues: MetricValue[],
  baselineValues: MetricValue[],
  rule: Rule,
): BaselineVerdict {
  const theirs = new Map(baselineValues.map(({ example_id, value }) => [example_id, value]));
  const pairs = challengerValues.flatMap(({ example_id, group, value }) => {
    const other = theirs.get(example_id);
    return other === undefined ? [] : [{ mine: value, other, group }];
  });
  const values: GroupedValue[] = pairs.map(({ mine, other, group }) => ({ value: mine - other, group }));
  if (values.length === 0) return unmeasured(baseline, rule.metric);
  const difference = differenceBounds(values, rule.metric, rule.alpha);
  const mean = groupedMean(values);
  const toSkip = differenceBounds(values, rule.metric, rule.alpha / rule.num_baselines);
  const decision = decide(difference.low, toSkip.high, rule.margin, mean.num_groups);
  const needed =
    decision === 'hold' && mean.num_groups >= 2 && metricModule(rule.metric).range ? groupsToSettle(mean, rule.margin, rule.alpha) : null;
  return {
    baseline,
    difference,
    standard_deviation: Number.isFinite(mean.standard_error) ? mean.standard_error * Math.sqrt(mean.num_groups) : 0,
    num_rows: values.length,
    num_groups: mean.num_groups,
    decision,
    more_groups: needed === null ? null : Math.max(1, MIN_GROUPS - mean.num_groups, needed - mean.num_groups),
    shown: {
      wins: pairs.filter(({ mine, other }) => mine > other).length,
      losses: pairs.filter(({ mine, other }) => mine < other).length,
      mcnemar_p: mcNemarP(pairs.filter(({ mine, other }) => mine > other).length, pairs.filter(({ mine, other }) => mine < other).length),
      bootstrap: groupBootstrap(values),
    },
  };
}

/** No row that both have: anything is possible, so it holds. */
function unmeasured(baseline: string, metric: Metric): BaselineVerdict {
  const { least, largest } = differenceRange(metric) ?? { least: -Number.MAX_VALUE, largest: Number.MAX_VALUE };
  const anything = { estimate: 0, low: least, high: largest };
  const shown = { wins: 0, losses: 0, mcnemar_p: 1, bootstrap: anything };
  return {
    baseline,
    difference: anything,
    standard_deviation: 0,
    num_rows: 0,
    num_groups: 0,
    decision: 'hold',
    more_groups: null,
    shown,
  };
}

/** Log-probabilities have no least value, so that no share of unseen groups can be bounded: Student's t alone. */
function differenceBounds(values: GroupedValue[], metric: Metric, alpha: number): Interval {
  const range = differenceRange(metric);
  if (range) return groupBounds(values, range, alpha);
  const { estimate, low, high } = studentBounds(values, alpha);
  return Number.isFinite(low) ? { estimate, low, high } : { estimate, low: -Number.MAX_VALUE, high: Number.MAX_VALUE };
}

/** Of the difference of two rows' values; null where values have no least and largest. */
function differenceRange(metric: Metric): { least: number; largest: number } | null {
  const { range } = metricModule(metric);
  return range && { least: range.least - range.largest, largest: range.largest - range.least };
}

function decide(low: number, skipHigh: number, margin: number, numGroups: number): Decision {
  if (numGroups < MIN_GROUPS) return 'hold';
  if (low >= margin) return 'ship';
  return skipHigh < margin ? 'skip' : 'hold';
}

/** @param isLeast whether the limit is the least or the largest value that is allowed */
export function judgeGuardrail(
  guardrail: GuardrailVerdict['guardrail'],
  limit: number,
  measured: Interval | null,
  isLeast: boolean,
): GuardrailVerdict {
  if (!measured) return { guardrail, limit, measured, state: 'open' };
  const holds = isLeast ? measured.low >= limit : measured.high <= limit;
  const fails = isLeast ? measured.high < limit : measured.low > limit;
  return { guardrail, limit, measured, state: holds ? 'holds' : fails ? 'fails' : 'open' };
}
