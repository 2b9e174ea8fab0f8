/** Which columns of a file with names of its own may hold prompt and answer: a guess for a person to look at, never used unasked. */
import { isObject } from '../protocol/metrics/record.js';
import type { Columns } from '../protocol/recipe.js';

/** In this order; names of public sets and of exports from help desks and trackers. */
const ANSWERS =
  'completion answer answers response output outputs target reply label labels category class department intent sentiment topic priority summary translation tag'.split(
    ' ',
  );
const QUESTIONS =
  'prompt question query instruction input text message body content description title sentence utterance review ticket report document article'.split(
    ' ',
  );
/** What stands before the question in one prompt. */
const BEFORE: Record<string, string[]> = {
  question: ['context', 'passage'],
  body: ['title', 'subject'],
  description: ['title', 'subject'],
};
const AFTER: Record<string, string[]> = { instruction: ['input'] };
const MAX_DEPTH = 4;

/** Null: nothing looks like a prompt and an answer. */
export function guessedColumns(first: unknown): Columns | null {
  const record = isObject(first) ? first : {};
  const conversation = Object.keys(record).find((name) => isConversation(record[name]));
  if (conversation) return { messages: conversation };
  const paths = leavesOf(record, '', 0);
  const byName = (names: string[], among: string[]) =>
    names.flatMap((name) => among.filter((path) => nameOf(path) === name || path.split('.')[0] === name))[0];
  const completion = byName(ANSWERS, paths) ?? (paths.length > 1 ? paths.at(-1) : undefined);
  const others = paths.filter((path) => path !== completion);
  const question = byName(QUESTIONS, others) ?? others[0];
  if (completion === undefined || question === undefined) return null;
  const beside = (names: string[] = []) => others.filter((path) => path !== question && names.includes(nameOf(path)));
  const parts = [...beside(BEFORE[nameOf(question)]), question, ...beside(AFTER[nameOf(question)])];
  return { prompt: parts.length > 1 ? parts.map((path) => `{${path}}`).join('\n\n') : question, completion };
}

/** @returns options of `slipway new`, as words of a command line */
export function guessColumns(first: unknown): string[] {
  const guess = guessedColumns(first);
  if (guess === null) return ['--prompt', 'COLUMN', '--completion', 'COLUMN'];
  return Object.entries(guess).flatMap(([part, source]) => [`--${part}`, source.replaceAll('\n', '\\n')]);
}

/** Whether one of its columns is called as answers are. */
export function hasAnswer(first: unknown): boolean {
  return isObject(first) && Object.keys(first).some((name) => ANSWERS.includes(name.toLowerCase()));
}

/** The last name in a path; an index is none. */
function nameOf(path: string): string {
  return (
    path
      .toLowerCase()
      .split('.')
      .findLast((name) => !/^\d+$/.test(name)) ?? path
  );
}

function isConversation(value: unknown): boolean {
  return Array.isArray(value) && isObject(value[0]) && ['role', 'from', 'speaker'].some((name) => name in (value[0] as object));
}

/** Paths of all texts, numbers and truth values; of a list the first entry's. */
function leavesOf(value: unknown, path: string, depth: number): string[] {
  if (['string', 'number', 'boolean'].includes(typeof value)) return path && !/(^|[._])id$/i.test(path) ? [path] : [];
  if (value === null || typeof value !== 'object' || depth > MAX_DEPTH) return [];
  const entries = Array.isArray(value) ? Object.entries(value).slice(0, 1) : Object.entries(value);
  return entries.flatMap(([name, inner]) => leavesOf(inner, path ? `${path}.${name}` : name, depth + 1));
}
