/** One row of data, whatever format it was read from. */
import { z } from 'zod';

export const Message = z.strictObject({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z.string(),
  /** What a reasoning model wrote before its answer; both names are in use. */
  thinking: z.string().optional(),
  reasoning_content: z.string().optional(),
  tool_calls: z.array(z.unknown()).optional(),
  tool_call_id: z.string().optional(),
  name: z.string().optional(),
});
export type Message = z.infer<typeof Message>;

/** Rows of one group (template, patient, client) count as one group in the statistics. */
const group = z.string().optional();
const tools = z.array(z.unknown()).optional().describe('schemas of the functions that the model may call');

/** A conversation whose answers are learnt. */
export const Row = z.strictObject({ messages: z.array(Message).min(1), tools, group });
export type Row = z.infer<typeof Row>;

/** One prompt with a better and a worse answer. */
export const PreferenceRow = z.strictObject({
  prompt: z.array(Message),
  chosen: z.array(Message).min(1),
  rejected: z.array(Message).min(1),
  margin: z.number().optional().describe('by how much the better answer is to be scored higher (TRL’s name)'),
  tools,
  group,
});
export type PreferenceRow = z.infer<typeof PreferenceRow>;

/** One answer that was good or not (KTO, arXiv 2402.01306). */
export const LabelledRow = z.strictObject({
  prompt: z.array(Message).min(1),
  completion: z.array(Message).min(1),
  label: z.boolean(),
  tools,
  group,
});
export type LabelledRow = z.infer<typeof LabelledRow>;

/** A prompt that the model is to answer itself. */
export const PromptRow = z.strictObject({ prompt: z.array(Message).min(1), tools, group });
export type PromptRow = z.infer<typeof PromptRow>;

export type DataRow =
  | { kind: 'chat'; row: Row }
  | { kind: 'preference'; row: PreferenceRow }
  | { kind: 'labelled'; row: LabelledRow }
  | { kind: 'prompt'; row: PromptRow };
export type RowKind = DataRow['kind'];
/** A row of a kind. */
export type RowOf<K extends RowKind> = Extract<DataRow, { kind: K }>['row'];
export type AnyRow = DataRow['row'];

/** A row with its kind, told by its fields. */
export function dataRow(row: AnyRow): DataRow {
  if ('messages' in row) return { kind: 'chat', row };
  if ('chosen' in row) return { kind: 'preference', row };
  return 'completion' in row ? { kind: 'labelled', row } : { kind: 'prompt', row };
}

/** The conversation that a row shows, with its answer: of two the better one. */
export function conversationOf(row: AnyRow): Message[] {
  const read = dataRow(row);
  switch (read.kind) {
    case 'chat':
      return read.row.messages;
    case 'preference':
      return [...read.row.prompt, ...read.row.chosen];
    case 'labelled':
      return [...read.row.prompt, ...read.row.completion];
    case 'prompt':
      return read.row.prompt;
  }
}

/** A test row: a conversation whose last message is the reference answer, and of a pair the one that ends with the worse answer. */
export const ComparedRow = Row.extend({ rejected: z.array(Message).min(1).optional() });
export type ComparedRow = z.infer<typeof ComparedRow>;

/** Rows that candidates can be compared on: an answer that was not good is no reference, and a prompt has none. */
export function comparedRows(rows: AnyRow[]): ComparedRow[] {
  return rows.flatMap(comparedRow);
}

function comparedRow(row: AnyRow): ComparedRow[] {
  const { tools, group } = row;
  const shared = { ...(tools ? { tools } : {}), ...(group === undefined ? {} : { group }) };
  const read = dataRow(row);
  switch (read.kind) {
    case 'chat':
      return [read.row];
    case 'preference':
      return [{ messages: conversationOf(row), rejected: [...read.row.prompt, ...read.row.rejected], ...shared }];
    case 'labelled':
      return read.row.label ? [{ messages: conversationOf(row), ...shared }] : [];
    case 'prompt':
      return [];
  }
}

export const ROW_SCHEMAS: { [K in RowKind]: z.ZodType<RowOf<K>> } = {
  chat: Row,
  preference: PreferenceRow,
  labelled: LabelledRow,
  prompt: PromptRow,
};

/** Each kind in words. */
export const ROW_KINDS: Record<RowKind, string> = {
  chat: 'conversations with answers',
  preference: 'prompts with a better and a worse answer',
  labelled: 'answers labelled good or bad',
  prompt: 'prompts',
};
