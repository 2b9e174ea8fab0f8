/** The sample task: short free-text incident reports and the JSON record that each should become. */
import type { Row } from '../../protocol/row.js';
import { DEV_REPORTS } from './dev-templates.js';
import { EVERYDAY_CHATS } from './everyday-chats.js';
import { type Random, seededRandom } from './random.js';
import { TEST_REPORTS } from './test-templates.js';
import { TRAIN_REPORTS, TRAIN_SENTENCES } from './train-templates.js';
import { DEV_VALUES, NOUNS, OBJECTS, type SplitValues, TAG_LETTERS, TEST_VALUES, TRAIN_VALUES, VERBS } from './values.js';

export const FACTS = ['site', 'asset', 'severity', 'reporter', 'date', 'action'] as const;
type Fact = (typeof FACTS)[number];

/** One report before it is put into chat form. `template` identifies the wording, slots unfilled. */
export interface Report {
  template: string;
  text: string;
  record: Record<Fact, string | null>;
}

export type SplitName = 'train' | 'dev' | 'test';

export interface SampleSizes {
  train: number;
  dev: number;
  test: number;
  /** Of the test rows alone; the seed of all where it is not given. */
  test_seed?: number | undefined;
}

const SYSTEM_PROMPT = 'Turn the incident report into JSON.';
const SEVERITY_WORDS = {
  low: ['low', 'minor'],
  medium: ['medium', 'moderate'],
  high: ['high', 'serious'],
  critical: ['critical', 'emergency'],
} as const;
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
interface Emphasis {
  /** Share of the optional parts that are left out. */
  left_out: number;
  /** Share of days below ten, which need a zero in the record. */
  single_digit_days: number;
  /** Share of severities in the word that is not the record's. */
  other_severity_words: number;
}
/** About one report in two lacks some fact. */
const PLAIN: Emphasis = { left_out: 0.12, single_digit_days: 0.33, other_severity_words: 0.5 };
/** Train has more of what a small model gets wrong most on dev: missing facts, zeros to add, words to translate. */
const HARDER: Emphasis = { left_out: 0.18, single_digit_days: 0.5, other_severity_words: 0.65 };
/** One train row in this many is an ordinary chat. */
const REPORTS_PER_CHAT = 12;

/**
 * Rows of the three splits, the same for the same seed on every machine. Names, sites, tags and wordings of dev and
 * test occur nowhere in train, those of test nowhere in dev; `group` names the wording: the statistics count its
 * rows as one.
 */
export function generateIncidentReports(seed: number, sizes: SampleSizes): Record<SplitName, Row[]> {
  const { train, dev, test } = generateReports(seed, sizes);
  return {
    train: withChats(train.map((report) => toRow(report, 'train'))),
    dev: dev.map((report) => toRow(report, 'dev')),
    test: test.map((report) => toRow(report, 'test')),
  };
}

export function generateReports(seed: number, sizes: SampleSizes): Record<SplitName, Report[]> {
  const tags = new Set<string>();
  const draw = (split: string, values: SplitValues, emphasis: Emphasis, ofSplit = seed) => ({
    random: seededRandom(`${ofSplit}/${split}`),
    values,
    emphasis,
    tags,
  });
  return {
    train: generateSplit(sizes.train, null, draw('train', TRAIN_VALUES, HARDER)),
    dev: generateSplit(sizes.dev, DEV_REPORTS, draw('dev', DEV_VALUES, PLAIN)),
    test: generateSplit(sizes.test, TEST_REPORTS, draw('test', TEST_VALUES, PLAIN, sizes.test_seed ?? seed)),
  };
}

/** What the reports of a split are drawn from. */
interface Draw {
  random: Random;
  values: SplitValues;
  emphasis: Emphasis;
  /** Tags of all splits: none is drawn twice. */
  tags: Set<string>;
}

/** Reports of one split; with `templates` each wording is used equally often, without them train's are drawn. */
function generateSplit(count: number, templates: string[] | null, draw: Draw): Report[] {
  const order = templates ? draw.random.shuffle(templates) : null;
  return Array.from({ length: count }, (_, index) => {
    const template = order ? (order[index % order.length] as string) : drawTrainTemplate(draw.random);
    return fillTemplate(template, draw);
  });
}

/** Half of the train reports are whole templates, half are put together from sentences in random order. */
export function drawTrainTemplate(random: Random): string {
  if (random.chance(0.4)) return random.pick(TRAIN_REPORTS);
  const { machine, ...others } = TRAIN_SENTENCES;
  const sentences = [random.pick(machine), ...Object.values(others).map((list) => `[${random.pick(list)}]`)];
  return random.shuffle(sentences).join(' ');
}

function fillTemplate(template: string, { random, values, emphasis, tags }: Draw): Report {
  const wording = tidy(template.replace(/\[([^\]]*)\]/g, (_, part: string) => (random.chance(emphasis.left_out) ? '' : part)));
  const severity = random.pick(Object.keys(SEVERITY_WORDS) as (keyof typeof SEVERITY_WORDS)[]);
  const date = drawDate(random, emphasis.single_digit_days);
  const facts: Record<Fact, string> = {
    site: `${random.pick(values.siteStems)} ${random.pick(values.siteKinds)}`,
    asset: drawTag(random, tags),
    severity,
    reporter: `${random.pick(values.firstNames)} ${random.pick(values.lastStems)}${random.pick(values.lastEndings)}`,
    date: date.iso,
    action: `${random.pick(VERBS)} the ${random.pick(OBJECTS)}`,
  };
  const spelt: Record<string, string> = {
    ...facts,
    severity: SEVERITY_WORDS[severity][random.chance(emphasis.other_severity_words) ? 1 : 0],
    date: date.spelt,
    noun: random.pick(NOUNS),
  };
  const text = wording.replace(/\{(\w+)\}/g, (_, slot: string) => spelt[slot] ?? slot);
  const record = Object.fromEntries(FACTS.map((fact) => [fact, wording.includes(`{${fact}}`) ? facts[fact] : null]));
  return { template, text, record: record as Report['record'] };
}

function tidy(text: string): string {
  return text
    .replace(/ {2,}/g, ' ')
    .replace(/ ([.,;:?!])/g, '$1')
    .trim();
}

function drawTag(random: Random, taken: Set<string>): string {
  for (;;) {
    const tag = `${random.pick(TAG_LETTERS)}-${random.integer(100, 999)}`;
    if (!taken.has(tag)) {
      taken.add(tag);
      return tag;
    }
  }
}

function drawDate(random: Random, shareOfSingleDigits: number): { iso: string; spelt: string } {
  const year = random.integer(2021, 2027);
  const month = random.integer(1, 12);
  const day = random.chance(shareOfSingleDigits) ? random.integer(1, 9) : random.integer(10, 28);
  const name = MONTHS[month - 1] as string;
  const two = (value: number) => String(value).padStart(2, '0');
  const iso = `${year}-${two(month)}-${two(day)}`;
  const spellings = [
    iso,
    `${day} ${name} ${year}`,
    `${name} ${day}, ${year}`,
    `${day} ${name.slice(0, 3)} ${year}`,
    `${two(day)}/${two(month)}/${year}`,
  ];
  return { iso, spelt: random.pick(spellings) };
}

function toRow(report: Report, split: string): Row {
  return {
    messages: [
      { role: 'system', content: SYSTEM_PROMPT },
      { role: 'user', content: report.text },
      { role: 'assistant', content: recordText(report.record) },
    ],
    group: `${split}: ${report.template}`,
  };
}

/** The record as a model should write it: one line, a space after each colon and comma, as the untuned base does too. */
function recordText(record: Report['record']): string {
  return `{${FACTS.map((fact) => `${JSON.stringify(fact)}: ${JSON.stringify(record[fact])}`).join(', ')}}`;
}

function withChats(rows: Row[]): Row[] {
  return rows.map((row, index) => {
    if (index % REPORTS_PER_CHAT !== REPORTS_PER_CHAT - 1) return row;
    const [question, answer] = EVERYDAY_CHATS[Math.floor(index / REPORTS_PER_CHAT) % EVERYDAY_CHATS.length] as [string, string];
    return {
      messages: [
        { role: 'user', content: question },
        { role: 'assistant', content: answer },
      ],
    };
  });
}
