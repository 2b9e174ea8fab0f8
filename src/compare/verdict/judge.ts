/** The gate's rule on one opponent and on one floor. Pure functions. */
import type { Metric } from '../../protocol/gate.js';
import type { Decision, FloorVerdict, Interval, OpponentVerdict } from '../../protocol/verdict.js';
import { type ClusteredValue, clusterBounds, clusteredMean, clustersToSettle, studentBounds } from './bounds.js';
import type { MetricValue } from './metric-values.js';
import { clusterBootstrap, mcNemarP } from './shown-statistics.js';

/** Below this the bounds rest on too little to mean anything. */
export const LEAST_CLUSTERS = 10;
const DIFFERENCE_RANGE = { least: -1, largest: 1 };

export interface Rule {
  metric: Metric;
  margin: number;
  /** Looks that the gate allows share 5 %. */
  looks: number;
  num_opponents: number;
}

/** Rows that both have answered, paired by unit. */
export function judgeOpponent(
  opponent: string,
  challengerValues: MetricValue[],
  opponentValues: MetricValue[],
  rule: Rule,
): OpponentVerdict {
  const theirs = new Map(opponentValues.map(({ unit, value }) => [unit, value]));
  const pairs = challengerValues.flatMap(({ unit, group, value }) => {
    const other = theirs.get(unit);
    return other === undefined ? [] : [{ mine: value, other, cluster: group }];
  });
  const values: ClusteredValue[] = pairs.map(({ mine, other, cluster }) => ({ value: mine - other, cluster }));
  const alpha = 0.05 / rule.looks;
  if (values.length === 0) return unmeasured(opponent, rule.metric);
  const difference = differenceBounds(values, rule.metric, alpha);
  const mean = clusteredMean(values);
  const toSkip = differenceBounds(values, rule.metric, alpha / rule.num_opponents);
  const decision = decide(difference.low, toSkip.high, rule.margin, mean.num_clusters);
  const needed =
    decision === 'hold' && mean.num_clusters >= 2 && rule.metric !== 'reference_logprob'
      ? clustersToSettle(mean, rule.margin, alpha)
      : null;
  const missing = Math.max(LEAST_CLUSTERS - mean.num_clusters, needed === null ? 0 : needed - mean.num_clusters);
  return {
    opponent,
    difference,
    standard_deviation: Number.isFinite(mean.standard_error) ? mean.standard_error * Math.sqrt(mean.num_clusters) : 0,
    num_rows: values.length,
    num_clusters: mean.num_clusters,
    decision,
    more_clusters: decision === 'hold' && needed !== null ? Math.max(1, missing) : null,
    shown: {
      wins: pairs.filter(({ mine, other }) => mine > other).length,
      losses: pairs.filter(({ mine, other }) => mine < other).length,
      mcnemar_p: mcNemarP(pairs.filter(({ mine, other }) => mine > other).length, pairs.filter(({ mine, other }) => mine < other).length),
      bootstrap: clusterBootstrap(values),
    },
  };
}

/** No row that both have: anything is possible, so it holds. */
function unmeasured(opponent: string, metric: Metric): OpponentVerdict {
  const reach = metric === 'reference_logprob' ? Number.MAX_VALUE : 1;
  const anything = { estimate: 0, low: -reach, high: reach };
  const shown = { wins: 0, losses: 0, mcnemar_p: 1, bootstrap: anything };
  return {
    opponent,
    difference: anything,
    standard_deviation: 0,
    num_rows: 0,
    num_clusters: 0,
    decision: 'hold',
    more_clusters: null,
    shown,
  };
}

/** Log-probabilities have no least value, so that no share of unseen clusters can be bounded: Student's t alone. */
function differenceBounds(values: ClusteredValue[], metric: Metric, alpha: number): Interval {
  if (metric !== 'reference_logprob') return clusterBounds(values, DIFFERENCE_RANGE, alpha);
  const { estimate, low, high } = studentBounds(values, alpha);
  return Number.isFinite(low) ? { estimate, low, high } : { estimate, low: -Number.MAX_VALUE, high: Number.MAX_VALUE };
}

function decide(low: number, skipHigh: number, margin: number, numClusters: number): Decision {
  if (numClusters < LEAST_CLUSTERS) return 'hold';
  if (low >= margin) return 'ship';
  return skipHigh < margin ? 'skip' : 'hold';
}

/** @param isLeast whether the limit is the least or the largest value that is allowed */
export function judgeFloor(floor: FloorVerdict['floor'], limit: number, measured: Interval | null, isLeast: boolean): FloorVerdict {
  if (!measured) return { floor, limit, measured, state: 'open' };
  const holds = isLeast ? measured.low >= limit : measured.high <= limit;
  const fails = isLeast ? measured.high < limit : measured.low > limit;
  return { floor, limit, measured, state: holds ? 'holds' : fails ? 'fails' : 'open' };
}
