/** The rule of a gate as fields of a form, in plain words, and a gate's text with one of them changed. */
import { parseDocument } from 'yaml';
import type { Choice, FormField } from '../../protocol/form-field.js';
import { Metric, metricModule } from '../../protocol/metrics/metrics.js';
import { withValue, writtenValue } from './edit-yaml.js';

interface RuleField {
  path: string;
  label: string;
  help: string;
  placeholder: string;
  /** The metric that alone reads it; the others have no such field. */
  of?: Metric;
  /** `[a-z]` is a text and no list. */
  is_text?: true;
  is_first: boolean;
}

/** After the metric. */
const RULE: RuleField[] = [
  {
    path: 'tolerance.absolute',
    of: 'numeric',
    label: 'How far a number may be off',
    help: 'In the unit of the number; the larger of the two tolerances counts.',
    placeholder: '0',
    is_first: true,
  },
  {
    path: 'tolerance.relative',
    of: 'numeric',
    label: 'How far off, as a share of the reference',
    help: '0.01 is one percent.',
    placeholder: '0',
    is_first: true,
  },
  {
    path: 'pattern',
    of: 'regex',
    label: 'Pattern',
    help: 'A regular expression as JavaScript writes it.',
    placeholder: '(\\d+) days',
    is_text: true,
    is_first: true,
  },
  {
    path: 'function.file',
    of: 'function',
    label: 'File with the function',
    help: 'It is run in a process of its own, with 10 seconds and 2 GB at most; its text is part of the gate.',
    placeholder: 'score.py',
    is_text: true,
    is_first: true,
  },
  {
    path: 'reward_model',
    of: 'reward_win_rate',
    label: 'Run of the reward model',
    help: 'Trained on other prompts than those of the test rows.',
    placeholder: 'RUN',
    is_text: true,
    is_first: true,
  },
  {
    path: 'margin',
    label: 'By how much it has to be better',
    help: 'A share of the rows: 0.05 is five points (of log-probabilities: nats a token). The lower bound of the lead has to reach it, not the lead itself. 0: any lead that is more than chance.',
    placeholder: '0.05',
    is_first: true,
  },
  {
    path: 'baselines',
    label: 'What it has to beat',
    help: 'Names of candidates that the gate describes. It has to beat each of them.',
    placeholder: '[prompted, bare]',
    is_first: true,
  },
  {
    path: 'guardrails.valid_json',
    label: 'Least share of valid JSON',
    help: 'Whatever its lead is, below this it is skipped. Empty: not asked.',
    placeholder: 'not asked',
    is_first: true,
  },
  {
    path: 'guardrails.time_to_first_token_ms',
    label: 'Longest time to the first token, in milliseconds',
    help: 'The median on this machine, with the shared part of the prompt cached. Empty: not asked.',
    placeholder: 'not asked',
    is_first: true,
  },
  {
    path: 'guardrails.forgetting_nats',
    label: 'Largest loss on everyday answers, in nats a token',
    help: 'What tuning made the base forget; it is measured only if it is set, and takes minutes. Empty: not asked.',
    placeholder: 'not asked',
    is_first: true,
  },
  {
    path: 'looks',
    label: 'Attempts planned on these test rows',
    help: 'Each is judged at 1 − 0.05 / attempts: whoever tries more often needs a clearer lead. Settings are better chosen on the dev rows. Default: 1.',
    placeholder: '1',
    is_first: false,
  },
  {
    path: 'noninferiority',
    label: 'Not worse is enough',
    help: 'true, with a margin below 0: for a challenger that is cheaper or faster. Empty: it has to be better.',
    placeholder: 'it has to be better',
    is_first: false,
  },
  {
    path: 'price_per_hour',
    label: 'What an hour of this machine costs',
    help: 'Empty: the price of this home, as `slipway price` has set it.',
    placeholder: 'that of this home',
    is_first: false,
  },
  { path: 'currency', label: 'Currency', help: 'Three capital letters.', placeholder: 'USD', is_text: true, is_first: false },
];

/** Of a comparison without a gate of its own: what concerns neither its candidates nor how often it is tried. */
const RULE_OF_TWO = /^(tolerance|pattern|function|margin|guardrails\.(valid|time))/;
/** Answers are scored, or how likely a given one is; no pairs, and no reward model. */
const METRICS_OF_TWO = Metric.options.filter((metric) =>
  ['record', 'label', 'scored-text', 'text'].includes(metricModule(metric).answer_kind),
);

/** @param metrics those that the rows can be measured by; no field where the text is no YAML */
export function gateFields(text: string, metrics: Metric[]): FormField[] {
  const document = parseDocument(text);
  if (document.errors.length > 0) return [];
  const metric = writtenValue(document, 'metric');
  return [
    metricField(metric, metrics.map(metricChoice)),
    ...RULE.filter(({ of }) => of === undefined || of === metric).map((field) => ({
      ...fieldOf(field),
      value: writtenValue(document, field.path),
    })),
  ];
}

/** For a comparison of two that has no gate yet; the metric is chosen from the reference answers unless it is said. */
export function twoWayFields(): FormField[] {
  const chosen: Choice = { value: '', text: 'chosen from the reference answers', meaning: '' };
  const fields = RULE.filter(({ path }) => RULE_OF_TWO.test(path)).map((field) => {
    const { label, placeholder, ...rest } = fieldOf(field);
    return { ...rest, label: field.of ? `${label} (${field.of})` : label, placeholder: field.path === 'margin' ? '0' : placeholder };
  });
  return [metricField('', [chosen, ...METRICS_OF_TWO.map(metricChoice)]), ...fields];
}

function metricField(value: string, choices: Choice[]): FormField {
  return { path: 'metric', label: 'What counts as right', value, help: '', placeholder: '', choices, is_first: true };
}

function metricChoice(metric: Metric): Choice {
  const { heading, meaning } = metricModule(metric);
  return { value: metric, text: heading === metric ? metric : `${heading} (${metric})`, meaning };
}

function fieldOf({ path, label, help, placeholder, is_first }: RuleField) {
  return { path, label, value: '', help, placeholder, choices: null, is_first };
}

/** The text with a field as it was typed; what only the metric before has read goes with it. Another path changes nothing. */
export function withGateField(text: string, path: string, typed: string): string {
  if (path === 'metric') {
    const others = RULE.filter(({ of }) => of !== undefined && of !== typed);
    return others.reduce((left, field) => withValue(left, field.path, ''), withValue(text, path, typed));
  }
  const field = RULE.find((one) => one.path === path);
  return field ? withValue(text, path, typed, field.is_text) : text;
}
