/** What was found in a data file, in words. Pure functions. */
import type { MetricChoice } from '../../compare/choose-metric.js';
import { MIN_GROUPS } from '../../compare/verdict/bounds.js';
import { splitWarnings } from '../../data/splits.js';
import { count } from '../../protocol/units.js';
import type { DatasetProfile } from './dataset-profile.js';

const MAX_LABELS = 60;

export function groupsText({ columns, num_groups }: DatasetProfile): string {
  return `${count(num_groups)}, ${columns.group ? `by ${columns.group}` : 'by prompt'}: rows of a group are not independent`;
}

export function metricText(chosen: MetricChoice): string {
  switch (chosen.metric) {
    case 'exact_match':
      return `JSON with ${chosen.fields.join(', ')}: measured by fields and exact records`;
    case 'accuracy':
      return `${chosen.labels.length} labels (${shortened(chosen.labels.join(', '))}): measured by accuracy; always "${chosen.majority.label}" is a further baseline`;
    case 'numeric':
      return `${chosen.is_reasoned ? 'reasoning that ends with a number' : 'numbers'}: right when the last number is that of the reference (metric numeric)`;
    case 'normalized_match':
      return 'short texts that seldom repeat: right when equal but for case, spaces and punctuation (metric normalized_match)';
    case 'reference_logprob':
      return 'free text: measured by the log-probability of the reference answer, which is NOT a measure of quality';
    case 'preference_accuracy':
      return 'pairs: measured by which answer of a pair is likelier, and both models answer side by side';
    case 'reward_accuracy':
      return 'pairs: measured by which answer of a pair gets the higher score';
  }
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length <= MAX_LABELS ? line : `${line.slice(0, MAX_LABELS - 1)}…`;
}

export function profileWarnings({ splits, chosen }: DatasetProfile, isAllowed: boolean): string[] {
  const groups = new Set(splits.test.map((row) => row.group)).size;
  const alike = splits.near_duplicates?.length ?? 0;
  return [
    ...splitWarnings({ ...splits, near_duplicates: [] }),
    ...(alike > 0 && !isAllowed
      ? [
          `${count(alike)} rows differ from rows of another split in digits or punctuation alone: remove them, or run this again with \`--allow-near-duplicates\``,
        ]
      : []),
    ...(groups < MIN_GROUPS ? [`test has ${groups} groups, a verdict needs at least ${MIN_GROUPS}: it will be hold`] : []),
    ...(chosen.metric === 'reference_logprob'
      ? [
          'how likely a text is, is no measure of quality: the verdict can be hold or skip, never ship; the gate names metrics that can ship',
        ]
      : []),
    ...(chosen.metric === 'preference_accuracy'
      ? ['what a model prefers is not what it answers: the verdict can be hold or skip, never ship; read the answers']
      : []),
    ...(splits.dev.length === 0 ? ['dev has no rows: parity of the served model cannot be measured'] : []),
  ];
}
