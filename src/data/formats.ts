/** The formats that people have rows in, recognised by their columns, as chat messages. */
import { z } from 'zod';
import { AppError } from '../protocol/errors.js';
import { type DataRow, Message } from '../protocol/row.js';

const group = z.union([z.string(), z.number()]).transform(String).optional();
const tools = z.array(z.unknown()).optional();
const text = z.string('must be a string');

/** OpenAI's parts; only text can be learnt here. */
const TextParts = z
  .array(z.strictObject({ type: z.literal('text', 'only text parts can be learnt'), text }))
  .transform((parts) => parts.map((part) => part.text).join(''));
const ChatMessage = z
  .strictObject({ ...Message.shape, content: z.union([text, TextParts, z.null().transform(() => '')], 'must be a string').optional() })
  .transform((message): Message => ({ ...message, content: message.content ?? '' }));
const Messages = z.array(ChatMessage).min(1, 'must have at least one message');

/** ShareGPT's names of roles, and those that LLaMA-Factory and Axolotl take (both documentations' sharegpt pages). */
const SHAREGPT_ROLES: Record<string, Message['role']> = {
  human: 'user',
  user: 'user',
  gpt: 'assistant',
  assistant: 'assistant',
  system: 'system',
  tool: 'tool',
  observation: 'tool',
};
const ShareGptTurn = z
  .strictObject({ from: z.enum(Object.keys(SHAREGPT_ROLES) as [string, ...string[]]), value: text })
  .transform(({ from, value }): Message => ({ role: SHAREGPT_ROLES[from] as Message['role'], content: value }));

const question = (content: string): Message[] => [{ role: 'user', content }];
const answer = (content: string): Message[] => [{ role: 'assistant', content }];
const Prompt = z.union([text.transform(question), Messages], 'must be a string or messages');
const Completion = z.union([text.transform(answer), Messages], 'must be a string or messages');

const SCHEMAS = {
  messages: z.strictObject({ messages: Messages, tools, group }),
  sharegpt: z.strictObject({ conversations: z.array(ShareGptTurn).min(1), system: text.optional(), tools, group }),
  'prompt-completion': z.strictObject({ prompt: Prompt, completion: Completion, system: text.optional(), tools, group }),
  alpaca: z.strictObject({ instruction: text, input: text.optional(), output: text, system: text.optional(), group }),
  preference: z.strictObject({ prompt: Prompt.optional(), chosen: Completion, rejected: Completion, tools, group }),
  'hh-preference': z.strictObject({ chosen: text, rejected: text, group }),
  kto: z.strictObject({ prompt: Prompt, completion: Completion, label: z.boolean('must be true or false'), tools, group }),
  prompts: z.strictObject({ prompt: Prompt, tools, group }),
};
export type Format = keyof typeof SCHEMAS;

/** Anthropic's hh-rlhf: whole dialogues as text, with these words before each turn. */
const HH_TURN = /\n\n(Human|Assistant): ?/;

/** @throws AppError data-format-unknown */
export function recognizeFormat(file: string, first: unknown): Format {
  const columns = first !== null && typeof first === 'object' ? Object.keys(first) : [];
  const has = (...names: string[]) => names.every((name) => columns.includes(name));
  if (has('messages')) return 'messages';
  if (has('conversations')) return 'sharegpt';
  if (has('chosen', 'rejected')) return isHh((first as { chosen: unknown }).chosen) ? 'hh-preference' : 'preference';
  if (has('prompt', 'completion')) return columns.includes('label') ? 'kto' : 'prompt-completion';
  if (has('instruction', 'output')) return 'alpaca';
  if (has('prompt')) return 'prompts';
  throw new AppError('data-format-unknown', { file, columns: columns.join(', ') || 'none' });
}

/** Columns of a record that belong to no format: candidates to group by, or to leave out. */
export function otherColumns(record: unknown, format: Format): string[] {
  const known = Object.keys(SCHEMAS[format].shape);
  if (record === null || typeof record !== 'object' || Array.isArray(record)) return [];
  return Object.keys(record).filter((name) => !known.includes(name));
}

/** The row, or all that is wrong with the record, each with its field. */
export function toRow(format: Format, value: unknown): DataRow | { problems: { field: string; problem: string }[] } {
  const parsed = SCHEMAS[format].safeParse(value);
  if (parsed.success) return rowOf(format, parsed.data);
  const problems = parsed.error.issues.flatMap(flatIssue).map((issue) => ({
    field: issue.path.join('.'),
    problem: issue.code === 'unrecognized_keys' ? `unknown column ${issue.keys.join(', ')}: remove it or rename it` : issue.message,
  }));
  return { problems };
}

/** Of a union, the branch that matched furthest gives the more useful message. */
function flatIssue(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const deepest = [...issue.errors].sort((a, b) => (b[0]?.path.length ?? 0) - (a[0]?.path.length ?? 0))[0] ?? [];
  const isDeeper = (deepest[0]?.path.length ?? 0) > 0;
  return isDeeper ? deepest.flatMap(flatIssue).map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })) : [issue];
}

function rowOf(format: Format, fields: Record<string, unknown>): DataRow {
  const { group, tools } = fields as { group?: string; tools?: unknown[] };
  const shared = { ...(tools ? { tools } : {}), ...(group === undefined ? {} : { group }) };
  const f = fields as Record<'messages' | 'conversations' | 'prompt' | 'completion' | 'chosen' | 'rejected', Message[]> &
    Record<'instruction' | 'output', string> & { input?: string; system?: string; label: boolean };
  const system: Message[] = f.system ? [{ role: 'system', content: f.system }] : [];
  switch (format) {
    case 'messages':
      return { kind: 'chat', row: { messages: f.messages, ...shared } };
    case 'sharegpt':
      return { kind: 'chat', row: { messages: [...system, ...f.conversations], ...shared } };
    case 'prompt-completion':
      return { kind: 'chat', row: { messages: [...system, ...f.prompt, ...f.completion], ...shared } };
    case 'alpaca': {
      // Alpaca's input stands below its instruction (tatsu-lab/stanford_alpaca, prompt_dict).
      const asked = f.input ? `${f.instruction}\n\n${f.input}` : f.instruction;
      return { kind: 'chat', row: { messages: [...system, ...question(asked), ...answer(f.output)], ...shared } };
    }
    case 'preference':
      return { kind: 'preference', row: { ...splitPreference(f.prompt, f.chosen, f.rejected), ...shared } };
    case 'hh-preference': {
      const [chosen, rejected] = [f.chosen, f.rejected].map((dialogue) => hhMessages(String(dialogue))) as [Message[], Message[]];
      return { kind: 'preference', row: { ...splitPreference(undefined, chosen, rejected), ...shared } };
    }
    case 'kto':
      return { kind: 'labelled', row: { prompt: f.prompt, completion: f.completion, label: f.label, ...shared } };
    case 'prompts':
      return { kind: 'prompt', row: { prompt: f.prompt, ...shared } };
  }
}

/** An implicit prompt is what both dialogues begin with (trl data_utils.py, extract_prompt). */
function splitPreference(prompt: Message[] | undefined, chosen: Message[], rejected: Message[]) {
  if (prompt) return { prompt, chosen, rejected };
  let shared = 0;
  while (shared < Math.min(chosen.length, rejected.length) - 1 && isSame(chosen[shared], rejected[shared])) shared++;
  return { prompt: chosen.slice(0, shared), chosen: chosen.slice(shared), rejected: rejected.slice(shared) };
}

const isSame = (a?: Message, b?: Message) => JSON.stringify(a) === JSON.stringify(b);

const isHh = (chosen: unknown) => typeof chosen === 'string' && /^\s*Human:|^\n\nHuman:/.test(chosen);

function hhMessages(dialogue: string): Message[] {
  const parts = `\n\n${dialogue.trimStart()}`.split(HH_TURN).slice(1);
  const turns: Message[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    turns.push({ role: parts[at] === 'Human' ? 'user' : 'assistant', content: (parts[at + 1] as string).trim() });
  }
  return turns;
}
