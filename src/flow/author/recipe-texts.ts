/** The two files that `slipway new` writes, with comments that explain each value. */
import { answerTokens, CHARACTERS_PER_TOKEN, decodingConstraint, systemPrompt } from '../../compare/answer-prompt.js';
import type { FileReading } from '../../data/read-rows.js';
import type { Method } from '../../protocol/methods/methods.js';
import type { ComparedRow } from '../../protocol/row.js';
import { shellWord } from '../../protocol/shell-word.js';
import type { DatasetProfile } from './dataset-profile.js';

/** A context of 2048 tokens, less the answer and the chat template's own. */
const ROOM_FOR_PROMPT = 1500;
const MAX_EXAMPLES = 8;
const WANTED_ROWS_SEEN = 480;
const MAX_EPOCHS = 10;

/** In a comment: a name with a line break in it must not end the comment. */
const oneLine = (text: string) => text.replace(/\s+/g, ' ');
/** YAML holds JSON: quoted where it has to be. */
const quoted = (value: unknown) => JSON.stringify(value);

export interface RecipeChoices {
  /** Relative to the recipe, as `gate` is. */
  file: string;
  gate: string;
  model: string;
  allows_near_duplicates: boolean;
}

export function recipeText(profile: DatasetProfile, asked: RecipeChoices): string {
  const { splits, columns, shares, chosen, num_groups, reading } = profile;
  const epochs = Math.min(MAX_EPOCHS, Math.max(1, Math.round(WANTED_ROWS_SEEN / Math.max(1, splits.train.length))));
  const grouping = columns.group
    ? `# Rows of one ${oneLine(columns.group)} stay in one split and count as one group: ${num_groups} groups.`
    : '# Rows with the same prompt stay in one split. No column groups them: each prompt counts as independent.';
  return `# Made by \`slipway new\` from ${oneLine(asked.file)}: ${profile.rows.length} rows, format ${profile.format}${profile.dialect ? ` (${oneLine(profile.dialect)})` : ''}, measured by ${chosen.metric}.
# Run it with: slipway go ${oneLine(shellWord(asked.gate.replace('.gate', '')))}
model: ${quoted(asked.model)}
method: ${profile.method}

# Splits are assigned by hash: a row stays in its split when rows are added.
${grouping}
# Now: ${splits.train.length} train, ${splits.dev.length} dev, ${splits.test.length} test. Test is never trained on, and chooses nothing.
data:
  file: ${quoted(asked.file)}
${readingLines(reading)}${columns.group ? `  group: ${quoted(columns.group)}\n` : ''}${!reading.columns && columns.ignore.length > 0 ? `  ignore: ${quoted(columns.ignore)} # columns that are not used\n` : ''}  dev: ${shares.dev}
  test: ${shares.test}
gate: ${quoted(asked.gate)}
${asked.allows_near_duplicates ? 'allow: [near-duplicates] # the verdict says how many there are\n' : ''}
${rateLines(profile.method)}num_train_epochs: ${epochs} # about ${WANTED_ROWS_SEEN} rows in total
lora: { r: 16, lora_alpha: 32 }
${profile.method === 'reward' ? '' : servedLines(profile.method)}`;
}

function servedLines(method: Method): string {
  return `num_eval_generations: ${method === 'sft' ? 1 : 5}

# The served file is the quantised one that was trained against. At float32 it must reproduce the trained adapter to 0.001
# nats. This limit is for the further cost of 8-bit activations, on average over prompt and answer: adapters of small sets
# were measured at 0.08 to 0.2 nats. Its effect on answers is what the gate measures.
parity: { served_mean_nats: 0.5 }
`;
}

/** For a model of 135 million parameters. */
function rateLines(method: Method): string {
  switch (method) {
    case 'sft':
      return "# Found on the quickstart's dev rows for a model of this size; larger models need less (2e-4).\nlearning_rate: 0.001\n";
    case 'dpo':
    case 'kto':
      return '# As in the recipes for a model of 135 million parameters, of which their figures are; larger models need less (5e-6).\nlearning_rate: 0.0001\nbeta: 0.1 # smaller: the model may move further from what it was\n';
    case 'reward':
      return 'learning_rate: 0.0001\n';
  }
}

function readingLines({ columns, encoding, delimiter }: FileReading): string {
  return [
    ...(columns ? [`  columns: ${quoted(columns)} # others are not used\n`] : []),
    ...(encoding ? [`  encoding: ${encoding}\n`] : []),
    ...(delimiter ? [`  delimiter: ${quoted(delimiter)}\n`] : []),
  ].join('');
}

const GATE_HEAD = [
  '# The rule for the verdict. It is hashed before the first test question is asked: change it before you measure, not',
  '# after.',
  'challenger: tuned',
];
const LOOKS = 'looks: 1 # attempts planned on these test rows, each judged at 1 − 0.05 / looks; choose on dev, not here';

export function gateText(profile: DatasetProfile): string {
  const { chosen } = profile;
  if (chosen.metric === 'reward_accuracy') return rewardGateText(profile);
  const examples = numExamples(profile.compared);
  const system = systemPrompt(profile.compared, chosen);
  const tokens = answerTokens(profile.compared);
  const baselines = chosen.metric === 'accuracy' ? ['prompted', 'majority', 'bare'] : ['prompted', 'bare'];
  const held = Object.keys(decodingConstraint(chosen))
    .map((name) => `, ${name}: true`)
    .join('');
  const lines = [
    ...GATE_HEAD,
    `baselines: [${baselines.join(', ')}]`,
    '',
    ...metricLines(profile),
    LOOKS,
    '',
    ...guardrailLines(profile),
    '',
    '# What an hour of the machine costs is that of this home: slipway price 0.40 --currency EUR',
    '',
    'candidates:',
    '  # The base model without any work.',
    '  bare:',
    '    model: base',
    ...(system ? [`    system: ${quoted(system)}`] : []),
    `    decoding: { max_tokens: ${tokens} }`,
    '',
    `  # The base with a good prompt: rules, ${examples} examples${held ? ', decoding constrained to valid answers' : ''}.`,
    '  prompted:',
    '    model: base',
    ...(system ? [`    system: ${quoted(system)}`] : []),
    `    num_examples: ${examples}`,
    `    decoding: { max_tokens: ${tokens}${held} }`,
    '',
    ...(chosen.metric === 'accuracy'
      ? [
          `  # ${percentText(chosen.majority.share)} of all rows have this label: always answering it is the least to beat.`,
          '  majority:',
          `    constant: ${quoted(chosen.majority.label)}`,
          '',
        ]
      : []),
    '  # The adapter, prompted as in training.',
    '  tuned:',
    '    model: tuned',
    `    decoding: { max_tokens: ${tokens}${held} }`,
    '',
    ...(chosen.metric === 'exact_match'
      ? ['# Derived from the answers; make it stricter where you can.', `schema: ${quoted(chosen.schema)}`, '']
      : []),
    ...(chosen.metric === 'accuracy' ? [`labels: ${quoted(chosen.labels)}`, ''] : []),
  ];
  return lines.join('\n');
}

/** A reward model writes nothing: there is nothing to be prompted, constrained or timed. */
function rewardGateText(profile: DatasetProfile): string {
  return [
    ...GATE_HEAD,
    'baselines: [bare]',
    '',
    ...metricLines(profile),
    LOOKS,
    '',
    'guardrails: {} # it writes nothing: none can be measured',
    '',
    'candidates:',
    '  # The base: which answer it finds likelier.',
    '  bare:',
    '    model: base',
    '',
    '  # The reward model.',
    '  tuned:',
    '    model: tuned',
    '',
  ].join('\n');
}

function metricLines({ chosen }: DatasetProfile): string[] {
  switch (chosen.metric) {
    case 'exact_match':
      return [
        `# Every answer is a JSON object: an answer is right when all of ${oneLine(chosen.fields.join(', '))} are, and there is no other field.`,
        'metric: exact_match',
        'margin: 0.05 # share of the rows; the lower bound of the difference must clear it',
      ];
    case 'accuracy':
      return [
        `# Answers are ${chosen.labels.length} labels that repeat: an answer is right when it is the label.`,
        'metric: accuracy',
        'margin: 0.05 # share of the rows; the lower bound of the difference must clear it',
      ];
    case 'numeric':
      return [
        chosen.is_reasoned
          ? '# Answers reason and end with a number: an answer is right when its last number is that of the reference.'
          : '# Every answer is a number: an answer is right when its last number is that of the reference.',
        'metric: numeric',
        '# tolerance: { absolute: 0.5 } # or { relative: 0.01 }; without it the number has to be the same',
        'margin: 0.05 # share of the rows; the lower bound of the difference must clear it',
      ];
    case 'normalized_match':
      return [
        '# Answers are short and seldom repeat: an answer is right when it is the reference, but for case, spaces, punctuation and',
        '# how numbers are written. Where the reference may stand in a longer answer: contains. Partly right: token_f1.',
        'metric: normalized_match',
        'margin: 0.05 # share of the rows; the lower bound of the difference must clear it',
      ];
    case 'reference_logprob':
      return [
        '# Answers are free text, which no rule can score. The metric is how likely the model finds the reference answers. That is',
        '# NOT A MEASURE OF QUALITY: it can stop a candidate and never ship one.',
        'metric: reference_logprob',
        'margin: 0 # nats a token',
        '# If wording like that of the reference is what you want, say so, and the answers can decide: rouge_l (longest common',
        '# wording) or token_f1 (words in common), from 0 to 1; contains, regex and numeric look for one thing in the answer.',
        '# metric: rouge_l',
        '# margin: 0.02',
      ];
    case 'preference_accuracy':
      return [
        '# Share of pairs whose better answer is the likelier one, a token. What a model prefers is NOT YET WHAT IT ANSWERS: this',
        '# can stop a candidate and never ship one. Both models answer the same prompts: read their answers side by side.',
        'metric: preference_accuracy',
        'margin: 0.05 # share of the pairs; the lower bound of the difference must clear it',
        '# Where you have a reward model that was trained on other pairs, the answers themselves can decide:',
        '# metric: reward_win_rate',
        '# reward_model: RUN',
      ];
    case 'reward_accuracy':
      return [
        '# Share of pairs whose better answer gets the higher score. The base has no score: of it the likelier answer counts, a token.',
        'metric: reward_accuracy',
        'margin: 0.05 # share of the pairs; the lower bound of the difference must clear it',
      ];
  }
}

/** The share of valid JSON that some dozens of test rows can show at all: 30 groups without a fault show 88 %. */
function guardrailLines({ chosen }: DatasetProfile): string[] {
  const valid = chosen.metric === 'exact_match' ? ['  valid_json: 0.8 # least share'] : [];
  return [
    ...(valid.length > 0 ? ['guardrails:', ...valid] : ['guardrails: {}']),
    '  # time_to_first_token_ms: 3000 # largest median, with the shared part of the prompt cached',
    "  # forgetting_nats: 1.0 # largest loss per token on the base's answers to forgetting probes; measured only if set",
  ];
}

function numExamples(rows: ComparedRow[]): number {
  if (rows.length === 0) return 0;
  const lengths = rows.map(tokensAbout).sort((a, b) => a - b);
  const [typical, longest] = [lengths[Math.floor(lengths.length / 2)] as number, lengths.at(-1) as number];
  return Math.max(0, Math.min(MAX_EXAMPLES, Math.floor((ROOM_FOR_PROMPT - longest) / typical)));
}

function tokensAbout(row: ComparedRow): number {
  return Math.ceil(row.messages.reduce((sum, { content }) => sum + content.length, 0) / CHARACTERS_PER_TOKEN);
}

function percentText(share: number): string {
  return `${Math.round(share * 100)} %`;
}
