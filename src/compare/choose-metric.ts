/** The metric for a set of answers, chosen from the reference answers. Pure functions. */
import { parseNumber } from '../protocol/metrics/numbers.js';
import { parseRecord } from '../protocol/metrics/record.js';
import type { ComparedRow } from '../protocol/row.js';

export type MetricChoice =
  | { metric: 'exact_match'; fields: string[]; schema: Record<string, unknown> }
  | { metric: 'accuracy'; labels: string[]; majority: { label: string; share: number } }
  | { metric: 'numeric'; is_reasoned: boolean }
  | { metric: 'normalized_match' }
  | { metric: 'reference_logprob' }
  | { metric: 'preference_accuracy' }
  | { metric: 'reward_accuracy' };

/** All labels have to fit into a prompt. */
const MAX_LABEL_CHARACTERS = 500;
const MAX_LABELS = 50;
/** A name, a date, a code: two good ones do not differ in more than how they are written. A sentence can be said in other words. */
const MAX_SHORT_CHARACTERS = 60;
const MAX_SHORT_WORDS = 5;
const SENTENCE_END = /[.!?…]$/;
/** What a number is written with, beside its digits. */
const UNIT = /^[\p{Sc}\s]+|[\p{Sc}%\s]+$|\.$/gu;
/** The end of an answer that reasons first, as GSM8K writes it. */
const REASONED = /####\s*(\S+)\s*$/;
/** Each label has to occur this often on average, or the answers are texts that happen to be short. */
const LEAST_ROWS_PER_LABEL = 4;
const MAX_ENUM_VALUES = 12;

/**
 * Pairs are compared as pairs; else records if every answer is a JSON object, labels if few answers repeat, numbers if each is or ends
 * with one, what can be compared word by word if all are short, text otherwise.
 */
export function chooseMetric(rows: ComparedRow[]): MetricChoice {
  if (rows.length > 0 && rows.every(({ rejected }) => rejected !== undefined)) return { metric: 'preference_accuracy' };
  const answers = rows.map((row) => row.messages.at(-1)?.content ?? '');
  const records = answers.map(parseRecord);
  if (records.every((record) => record !== null) && records.some((record) => Object.keys(record).length > 0)) {
    const schema = schemaOf(records);
    return { metric: 'exact_match', fields: Object.keys(schema.properties as object), schema };
  }
  const counts = new Map<string, number>();
  for (const answer of answers) counts.set(answer.trim(), (counts.get(answer.trim()) ?? 0) + 1);
  const isLabelled =
    counts.size >= 2 &&
    counts.size <= Math.min(MAX_LABELS, answers.length / LEAST_ROWS_PER_LABEL) &&
    [...counts.keys()].every((label) => label.length <= MAX_LABEL_CHARACTERS);
  if (!isLabelled) return unlabelled(answers);
  const [label, count] = [...counts].sort(([, a], [, b]) => b - a)[0] as [string, number];
  return { metric: 'accuracy', labels: [...counts.keys()].sort(), majority: { label, share: count / answers.length } };
}

function unlabelled(answers: string[]): MetricChoice {
  const isNumber = (text: string) => parseNumber(text.replace(UNIT, '')) !== null;
  if (answers.length > 0 && answers.every(isNumber)) return { metric: 'numeric', is_reasoned: false };
  if (answers.length > 0 && answers.every((answer) => isNumber(REASONED.exec(answer)?.[1] ?? '')))
    return { metric: 'numeric', is_reasoned: true };
  const isShort = (answer: string) =>
    answer.length <= MAX_SHORT_CHARACTERS && answer.trim().split(/\s+/).length <= MAX_SHORT_WORDS && !SENTENCE_END.test(answer.trim());
  const isVaried = new Set(answers).size > 1;
  return { metric: isVaried && answers.every(isShort) ? 'normalized_match' : 'reference_logprob' };
}

/** JSON Schema that all the values fit, in the subset that decoding can be constrained to (run/api/json-schema.ts). */
function schemaOf(values: unknown[]): Record<string, unknown> {
  const objects = values.filter((value): value is Record<string, unknown> => kindOf(value) === 'object');
  const arrays = values.filter((value): value is unknown[] => Array.isArray(value));
  const kinds = [...new Set(values.map(kindOf))];
  const options = kinds.flatMap((kind): Record<string, unknown>[] => {
    if (kind === 'object') return [objectSchema(objects)];
    if (kind === 'array') return [{ type: 'array', items: schemaOf(arrays.flat()) }];
    return kind === 'integer' && kinds.includes('number') ? [] : [{ type: kind }];
  });
  const isScalar = objects.length === 0 && arrays.length === 0;
  const distinct = [...new Set(values)];
  const isClosed = distinct.length <= MAX_ENUM_VALUES && values.length >= LEAST_ROWS_PER_LABEL * distinct.length;
  if (isScalar && isClosed && kinds.includes('string')) return { enum: distinct };
  if (options.length === 1) return options[0] as Record<string, unknown>;
  return options.length === 0 ? { type: 'string' } : { anyOf: options };
}

function objectSchema(objects: Record<string, unknown>[]): Record<string, unknown> {
  const names = [...new Set(objects.flatMap((object) => Object.keys(object)))];
  const properties = Object.fromEntries(
    names.map((name) => [name, schemaOf(objects.flatMap((object) => (name in object ? [object[name]] : [])))]),
  );
  const required = names.filter((name) => objects.every((object) => name in object));
  return { type: 'object', properties, required, additionalProperties: false };
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}
