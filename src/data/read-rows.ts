/** Reading a JSONL or JSON file into rows; its format is recognised by its columns, and every bad row is named. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { AppError, counted, type Problem, problemLines } from '../protocol/errors.js';
import { Message, type Row } from '../protocol/row.js';

/** Read into memory whole: Node's strings end at 512 MiB. Streaming readers are a job of their own. */
const MAX_FILE_BYTES = 400_000_000;
const MAX_ROWS = 1_000_000;
/** More would scroll the first ones away; the count is always whole. */
const MAX_SHOWN_PROBLEMS = 20;

export type Format = 'messages' | 'prompt-completion' | 'alpaca';

const group = z.union([z.string(), z.number()]).transform(String).optional();
const text = z.string('must be a string');

/** Columns of each format, as TRL and Alpaca name them. Others are refused, so that nothing is dropped in silence. */
const FORMATS = {
  messages: z.strictObject({ messages: z.array(Message).min(1, 'must have at least one message'), group }),
  'prompt-completion': z.strictObject({ prompt: text, completion: text, system: text.optional(), group }),
  alpaca: z.strictObject({ instruction: text, input: text.optional(), output: text, system: text.optional(), group }),
};

/** Columns beside those of the format: the one that groups rows, and those that are not used. */
export interface OtherColumns {
  group?: string | undefined;
  ignore?: string[] | undefined;
}

/**
 * @returns rows as chat messages, and the format that was recognised
 * @throws AppError file-not-found, data-limit, data-empty, data-format-unknown, data-row-invalid with all bad rows
 */
export function readRows(file: string, columns: OtherColumns = {}): { rows: Row[]; format: Format } {
  const records = readRecords(file).map((record) => ({ ...record, value: withoutOthers(record.value, columns) }));
  const format = recognizeFormat(file, (records[0] as DataRecord).value);
  const problems: Problem[] = [];
  const rows: Row[] = [];
  for (const { line, value } of records) {
    const parsed = FORMATS[format].safeParse(value);
    if (parsed.success) {
      const row = toRow(format, parsed.data);
      problems.push(...turnProblems(file, line, row));
      rows.push(row);
    } else {
      for (const issue of parsed.error.issues) {
        const unknown = issue.code === 'unrecognized_keys' ? `unknown column ${issue.keys.join(', ')}: remove it or rename it` : null;
        problems.push({ file, line, field: issue.path.join('.'), problem: unknown ?? issue.message });
      }
    }
  }
  refuse(problems);
  return { rows, format };
}

/**
 * The records of a file as they stand in it, each with its line.
 * @throws AppError file-not-found, data-limit, data-empty, data-row-invalid for what is not JSON
 */
export function readRecords(file: string): DataRecord[] {
  if (!existsSync(file)) throw new AppError('file-not-found', { file, folder: dirname(file) });
  if (statSync(file).size > MAX_FILE_BYTES) throw new AppError('data-limit', { file, what: 'its size', limit: `${MAX_FILE_BYTES} bytes` });
  const records = parseRecords(file, readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  if (records.length === 0) throw new AppError('data-empty', { file });
  if (records.length > MAX_ROWS) throw new AppError('data-limit', { file, what: 'its number of rows', limit: `${MAX_ROWS}` });
  return records;
}

function withoutOthers(value: unknown, { group, ignore }: OtherColumns): unknown {
  if (value === null || typeof value !== 'object' || (group === undefined && !ignore)) return value;
  const record = value as Record<string, unknown>;
  const kept = Object.entries(record).filter(([name]) => name !== group && !ignore?.includes(name));
  return { ...Object.fromEntries(kept), ...(group === undefined ? {} : { group: record[group] }) };
}

/** Columns of a record that belong to no format: candidates to group by, or to leave out. */
export function otherColumns(record: unknown, format: Format): string[] {
  const known = Object.keys(FORMATS[format].shape);
  if (record === null || typeof record !== 'object' || Array.isArray(record)) return [];
  return Object.keys(record).filter((name) => !known.includes(name));
}

export interface DataRecord {
  line: number;
  value: unknown;
}

function parseRecords(file: string, content: string): DataRecord[] {
  if (content.trimStart().startsWith('[')) return parseArray(file, content);
  const problems: Problem[] = [];
  const records: DataRecord[] = [];
  content.split(/\r?\n/).forEach((lineText, index) => {
    if (lineText.trim() === '') return;
    try {
      records.push({ line: index + 1, value: JSON.parse(lineText) });
    } catch (error) {
      problems.push({ file, line: index + 1, field: '', problem: `not JSON: ${(error as Error).message}` });
    }
  });
  refuse(problems);
  return records;
}

function parseArray(file: string, content: string): DataRecord[] {
  try {
    const values = JSON.parse(content) as unknown[];
    // JSON does not tell lines; the number of the element stands in.
    return values.map((value, index) => ({ line: index + 1, value }));
  } catch (error) {
    return refuse([{ file, line: 1, field: '', problem: `not JSON: ${(error as Error).message}` }]) ?? [];
  }
}

/** @throws AppError data-format-unknown */
export function recognizeFormat(file: string, first: unknown): Format {
  const columns = first !== null && typeof first === 'object' ? Object.keys(first) : [];
  if (columns.includes('messages')) return 'messages';
  if (columns.includes('prompt') && columns.includes('completion')) return 'prompt-completion';
  if (columns.includes('instruction') && columns.includes('output')) return 'alpaca';
  throw new AppError('data-format-unknown', { file, columns: columns.join(', ') || 'none' });
}

function toRow(format: Format, record: Record<string, unknown>): Row {
  const fields = record as {
    messages: Row['messages'];
    prompt: string;
    completion: string;
    instruction: string;
    input?: string;
    output: string;
    system?: string;
    group?: string;
  };
  const withGroup = fields.group === undefined ? {} : { group: fields.group };
  if (format === 'messages') return { messages: fields.messages, ...withGroup };
  // Alpaca's input stands below its instruction (tatsu-lab/stanford_alpaca, prompt_dict).
  const alpacaPrompt = fields.input ? `${fields.instruction}\n\n${fields.input}` : fields.instruction;
  const [question, answer] = format === 'alpaca' ? [alpacaPrompt, fields.output] : [fields.prompt, fields.completion];
  const system: Row['messages'] = fields.system ? [{ role: 'system', content: fields.system }] : [];
  return { messages: [...system, { role: 'user', content: question }, { role: 'assistant', content: answer }], ...withGroup };
}

function turnProblems(file: string, line: number, row: Row): Problem[] {
  const problems: Problem[] = [];
  const say = (field: string, problem: string) => problems.push({ file, line, field, problem });
  row.messages.forEach((message, index) => {
    if (message.role === 'system' && index > 0) say(`messages.${index}`, 'a system message must be the first');
    if (message.role === 'assistant' && message.content.trim() === '')
      say(`messages.${index}.content`, 'an empty answer teaches nothing: write one or remove the row');
  });
  if (row.messages.at(-1)?.role !== 'assistant') say('messages', 'the last message must be the assistant’s answer');
  return problems;
}

function refuse(problems: Problem[]): undefined {
  if (problems.length === 0) return;
  const more = problems.length - MAX_SHOWN_PROBLEMS;
  const shown = problemLines(problems.slice(0, MAX_SHOWN_PROBLEMS)) + (more > 0 ? `\n  … and ${more} more` : '');
  throw new AppError('data-row-invalid', { count: counted(problems.length, 'problem'), problems: shown });
}
