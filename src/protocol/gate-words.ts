/** What a gate says, in sentences. Pure functions. */
import type { Gate } from './gate.js';
import { metricModule } from './metrics/metrics.js';
import { count } from './units.js';

const LIST = new Intl.ListFormat('en');

/** Which lead ships. */
export function shipSentence({ challenger, baselines, metric, margin, guardrails }: Gate): string {
  const { words, amount, never_ships } = metricModule(metric);
  const against = baselines.length === 1 ? baselines[0] : `each of ${LIST.format(baselines)}`;
  const kept = Object.keys(guardrails).length > 0 ? ', and every guardrail holds' : '';
  if (never_ships) return `${challenger} is held or skipped, and never ships, on ${words}: ${never_ships}`;
  if (margin < 0) return `${challenger} ships if it is not worse than ${against} by more than ${amount(-margin)} of ${words}${kept}`;
  const least = margin === 0 ? 'above chance' : `at least ${amount(margin)}`;
  return `${challenger} ships only if the lower bound of its lead in ${words} is ${least} against ${against}${kept}`;
}

export function guardrailSentences({ guardrails: { valid_json, time_to_first_token_ms, forgetting_nats } }: Gate): string[] {
  return [
    ...(valid_json === undefined ? [] : [`guardrail: at least ${Math.round(valid_json * 100)} % of its answers are valid JSON`]),
    ...(time_to_first_token_ms === undefined
      ? []
      : [`guardrail: the median time to its first token is at most ${count(time_to_first_token_ms)} ms`]),
    ...(forgetting_nats === undefined ? [] : [`guardrail: it loses at most ${forgetting_nats} nats a token on everyday answers`]),
  ];
}
