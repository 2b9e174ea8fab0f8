/** Columns of any name: a record as one of the known formats, by what the recipe says of its columns. */
import { AppError } from '../protocol/errors.js';
import { isObject } from '../protocol/metrics/record.js';
import { type Columns, PLACEHOLDER } from '../protocol/recipe.js';
import { guessColumns } from './guess-columns.js';

export type Part = keyof Columns;

export interface FieldProblem {
  field: string;
  problem: string;
}

/** Columns of a record that the parts are made of, whole paths. */
export function pathsOf(source: string, record: Record<string, unknown>): string[] {
  if (!isTemplate(source)) return isLiteral(source, record) ? [] : [source];
  return [...source.matchAll(PLACEHOLDER)].flatMap(([, path]) => path ?? []);
}

/** The name that a person knows a part by: its column, or those of its template. */
export function nameOfPart(part: string, columns: Columns | undefined): string {
  const source = columns?.[part as Part];
  if (source === undefined) return part;
  return isTemplate(source) ? [...source.matchAll(PLACEHOLDER)].flatMap(([, path]) => path ?? []).join(', ') : source;
}

/** The record's column that a path begins in, or null where it has none. A column may have dots in its own name. */
export function columnOf(path: string, record: Record<string, unknown>): string | null {
  if (Object.hasOwn(record, path)) return path;
  const [first = ''] = path.split('.');
  return Object.hasOwn(record, first) ? first : null;
}

/**
 * @param first the file's first record: a column that it does not have is a mistake in the recipe, not in the rows
 * @throws AppError column-unknown
 */
export function refuseUnknownColumns(file: string, columns: Columns, first: unknown): void {
  if (!isObject(first)) return;
  const unknown = Object.entries(columns).flatMap(([part, source]) =>
    pathsOf(source, first).flatMap((path) => (columnOf(path, first) === null ? [`${part}: ${path}`] : [])),
  );
  if (unknown.length > 0)
    throw new AppError('column-unknown', {
      file,
      unknown: unknown.join(', '),
      columns: Object.keys(first).join(', ') || 'none',
      options: guessColumns(first),
    });
}

/** The parts by their known names, texts as texts; or what is wrong with them. */
export function applyColumns(columns: Columns, record: unknown): { value: Record<string, unknown> } | { problems: FieldProblem[] } {
  if (!isObject(record)) return { problems: [{ field: '', problem: 'must be an object' }] };
  const problems: FieldProblem[] = [];
  const value: Record<string, unknown> = {};
  for (const [part, source] of Object.entries(columns)) {
    try {
      value[part] = part === 'messages' ? turnsOf(valueAt(source, record)) : textOf(source, record);
    } catch (error) {
      if (!(error instanceof PartError)) throw error;
      problems.push({ field: error.field ?? source, problem: error.message });
    }
  }
  return problems.length > 0 ? { problems } : { value };
}

class PartError extends Error {
  constructor(
    message: string,
    readonly field: string | null = null,
  ) {
    super(message);
  }
}

const isTemplate = (source: string) => source.includes('{');
/** Of the system prompt only: a name of a column has no spaces, or is there. */
const isLiteral = (source: string, record: Record<string, unknown>) => /\s/.test(source) && columnOf(source, record) === null;

function textOf(source: string, record: Record<string, unknown>): unknown {
  if (isTemplate(source)) {
    const fill = (whole: string, path?: string) => (path === undefined ? (whole[0] as string) : textAt(path, record));
    // Where a part is empty, what stood around it is left over.
    return source.replace(PLACEHOLDER, fill).trim();
  }
  if (isLiteral(source, record)) return source;
  const found = valueAt(source, record);
  return Array.isArray(found) ? found : textAt(source, record);
}

/** A label may be a number. */
function textAt(path: string, record: Record<string, unknown>): string {
  const found = valueAt(path, record);
  if (typeof found === 'string') return found;
  if (typeof found === 'number' || typeof found === 'boolean') return String(found);
  const kind = Array.isArray(found) ? 'a list: name one of its entries' : 'nested: name one of its fields';
  const inner = Object.keys(found as object)[0] ?? '0';
  throw new PartError(`is ${kind}, such as ${path}.${inner}`, path);
}

function valueAt(path: string, record: Record<string, unknown>): unknown {
  let found: unknown = record;
  for (const name of Object.hasOwn(record, path) ? [path] : path.split('.')) {
    const outer = parsedCell(found);
    found =
      outer !== null && typeof outer === 'object' && Object.hasOwn(outer, name) ? (outer as Record<string, unknown>)[name] : undefined;
  }
  if (found === undefined || found === null) throw new PartError('is missing', path);
  return found;
}

/** A cell of CSV may hold JSON. */
function parsedCell(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** Names of a turn's two fields, and of who speaks, as they are found in public sets. */
const SPEAKER_FIELDS = ['role', 'from', 'speaker', 'author'];
const TEXT_FIELDS = ['content', 'value', 'text', 'message'];
const SPEAKERS: Record<string, string> = {
  human: 'user',
  prompter: 'user',
  customer: 'user',
  gpt: 'assistant',
  bot: 'assistant',
  chatbot: 'assistant',
  model: 'assistant',
  agent: 'assistant',
  observation: 'tool',
};

/** Conversations as OpenAI has them. A list of mere texts does not say who speaks: it is refused. */
function turnsOf(found: unknown): unknown[] {
  const turns = parsedCell(found);
  if (!Array.isArray(turns)) throw new PartError('must be a list of messages');
  return turns.map((turn: unknown, index) => {
    if (!isObject(turn)) throw new PartError(`entry ${index} does not say who speaks: each must have a role and a text`);
    const speaker = SPEAKER_FIELDS.find((name) => name in turn);
    const text = TEXT_FIELDS.find((name) => name in turn);
    if (!speaker || (!text && !('tool_calls' in turn)))
      throw new PartError(`entry ${index} has ${Object.keys(turn).join(', ')}: each must have a role and a content`);
    const { [speaker]: who, ...rest } = turn;
    const { [text ?? '']: content, ...others } = rest;
    return { role: SPEAKERS[String(who)] ?? who, ...(text ? { content } : {}), ...others };
  });
}
