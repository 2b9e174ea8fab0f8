/** What a gate says, and what the test rows can show of it, before anything is measured. Pure functions. */
import { largestShownShare, leastLead, MIN_GROUPS } from '../../compare/verdict/bounds.js';
import { groupsOf } from '../../data/groups.js';
import type { Gate } from '../../protocol/gate.js';
import { guardrailSentences, shipSentence } from '../../protocol/gate-words.js';
import { metricModule } from '../../protocol/metrics/metrics.js';
import type { ComparedRow } from '../../protocol/row.js';
import { count } from '../../protocol/units.js';

export function gateSentences(gate: Gate, test: ComparedRow[]): string[] {
  return [shipSentence(gate), ...guardrailSentences(gate), ...reachOf(gate, test)];
}

/** What so many groups of test rows can show at all. */
function reachOf(gate: Gate, test: ComparedRow[]): string[] {
  const groups = groupsOf(test).length;
  const rows = `${count(test.length)} test rows in ${count(groups)} groups`;
  const alpha = 0.05 / gate.looks;
  if (groups < MIN_GROUPS) return [`${rows}: a verdict needs at least ${MIN_GROUPS} groups, with fewer it is hold`];
  const { range, amount, never_ships } = metricModule(gate.metric);
  if (never_ships || !range) return [rows];
  const lead = leastLead(groups, gate.margin, alpha);
  const valid = gate.guardrails.valid_json ?? 0;
  const shown = largestShownShare(groups, alpha);
  return [
    lead === null
      ? `${rows}: too few for this margin, no lead can ship`
      : `${rows}: a lead below ${amount(lead)} cannot ship, a larger one may`,
    ...(valid > shown
      ? [`with ${count(groups)} groups at most ${Math.floor(shown * 100)} % of valid JSON can be shown: the guardrail stays open`]
      : []),
  ];
}
