/** The reason of a verdict, in the words of its metric. */
import { metricModule } from '../../../protocol/metrics/metrics.js';
import type { BaselineVerdict, Verdict } from '../../../protocol/verdict.js';
import { writtenIn } from '../../parts/interval-plot.js';

/** A lead that ships is said in figures; what holds or skips one is said as it was recorded. */
export function sentenceOf(verdict: Verdict): string {
  const { challenger, metric, because, decision, margin } = verdict;
  const { words, amount } = metricModule(metric);
  if (decision !== 'ship') return `${challenger}: ${because.replaceAll(metric, words)}.`;
  const { baseline, difference } = verdict.baselines[0] as BaselineVerdict;
  const written = writtenIn(metric);
  const bounds = `${written(difference.low)} to ${written(difference.high)}`;
  const guardrails = verdict.guardrails.length > 0 ? ', and every guardrail holds' : '';
  return `${challenger} leads ${baseline} by ${amount(difference.estimate)} of ${words} (95 %: ${bounds}); the margin is ${written(margin)}${guardrails}.`;
}
