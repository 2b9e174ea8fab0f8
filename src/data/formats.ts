/** The formats that people have rows in, recognised by their columns, as chat messages. */
import { z } from 'zod';
import { AppError } from '../protocol/errors.js';
import { meantIssues } from '../protocol/meant-issues.js';
import { isObject } from '../protocol/metrics/record.js';
import type { Columns } from '../protocol/recipe.js';
import { type DataRow, Message, type RowKind } from '../protocol/row.js';
import { type FieldProblem, nameOfPart } from './columns.js';
import { guessColumns, hasAnswer } from './guess-columns.js';
import { messagesOf, type Turn, turnProblems, turnsOfPart } from './turns.js';

const group = z.union([z.string(), z.number()]).transform(String).optional();
const tools = z.array(z.unknown()).optional();
const text = z.string('must be a string');

const notText = (what: string) => `${what} cannot be learnt here, only text can: remove the row, or what it holds beside text`;
/** OpenAI's parts. */
const TextParts = z
  .array(z.looseObject({ type: z.string() }))
  .check(({ value, issues }) => {
    for (const [index, { type, text, ...others }] of value.entries()) {
      const tell = (message: string) => issues.push({ code: 'custom', path: [index], input: value, message });
      const other = Object.keys(others)[0];
      if (type !== 'text') tell(notText(type));
      else if (typeof text !== 'string') tell('must have a text');
      else if (other) tell(`unknown field ${other}: remove it`);
    }
  })
  .transform((parts) => parts.map((part) => String(part.text)).join(''));
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

const NO_BETTER = 'a tie has no better answer: remove the row';

const SCHEMAS = {
  messages: z.strictObject({ messages: Messages, tools, group }),
  sharegpt: z.strictObject({ conversations: z.array(ShareGptTurn).min(1), system: text.optional(), tools, group }),
  'prompt-completion': z.strictObject({ prompt: Prompt, completion: Completion, system: text.optional(), tools, group }),
  alpaca: z.strictObject({ instruction: text, input: text.optional(), output: text, system: text.optional(), group }),
  preference: z
    .strictObject({
      prompt: Prompt.optional(),
      chosen: Completion,
      rejected: Completion,
      margin: z.number('must be a number').optional(),
      tie: z.boolean('must be true or false').optional(),
      score_chosen: z.number('must be a number').optional(),
      score_rejected: z.number('must be a number').optional(),
      tools,
      group,
    })
    .check(({ value: { tie, score_chosen, score_rejected }, issues }) => {
      const tell = (field: string, message: string) => issues.push({ code: 'custom', path: [field], input: field, message });
      if (tie) tell('tie', NO_BETTER);
      if (score_chosen === undefined || score_rejected === undefined) return;
      if (score_chosen === score_rejected) tell('score_rejected', `equals score_chosen: ${NO_BETTER}`);
      if (score_chosen < score_rejected) tell('score_rejected', 'is higher than score_chosen: swap the answers or remove the row');
    }),
  votes: z
    .strictObject({
      prompt: Prompt,
      answer_a: Completion,
      answer_b: Completion,
      vote: z.enum(['a', 'b', 'tie'], 'must be a, b or tie'),
      voter: text.optional(),
      tools,
      group,
    })
    .check(({ value, issues }) => {
      if (value.vote === 'tie') issues.push({ code: 'custom', path: ['vote'], input: value.vote, message: NO_BETTER });
    }),
  'hh-preference': z.strictObject({ chosen: text, rejected: text, group }),
  kto: z.strictObject({ prompt: Prompt, completion: Completion, label: z.boolean('must be true or false'), tools, group }),
  prompts: z.strictObject({ prompt: Prompt, tools, group }),
};
export type Format = keyof typeof SCHEMAS;

/** The kind of row that a format has. */
export function kindOfFormat(format: Format): RowKind {
  switch (format) {
    case 'preference':
    case 'hh-preference':
    case 'votes':
      return 'preference';
    case 'kto':
      return 'labelled';
    case 'prompts':
      return 'prompt';
    default:
      return 'chat';
  }
}

/** Anthropic's hh-rlhf: whole dialogues as text, with these words before each turn. */
const HH_TURN = /\n\n(Human|Assistant): ?/;

/** Columns that hold what is no text; unlike others they are never left out unsaid. */
const MEDIA_COLUMN = /^(images?|videos?|audios?)$/i;

/** @throws AppError data-format-unknown, with a guess at what the columns are */
export function recognizeFormat(file: string, first: unknown): Format {
  const columns = first !== null && typeof first === 'object' ? Object.keys(first) : [];
  const has = (...names: string[]) => names.every((name) => columns.includes(name));
  if (has('messages')) return 'messages';
  if (has('conversations')) return 'sharegpt';
  if (has('chosen', 'rejected')) return isHh((first as { chosen: unknown }).chosen) ? 'hh-preference' : 'preference';
  if (has('prompt', 'answer_a', 'answer_b', 'vote')) return 'votes';
  if (has('prompt', 'completion')) return columns.includes('label') ? 'kto' : 'prompt-completion';
  if (has('instruction', 'output')) return 'alpaca';
  // An answer under another name makes it more than prompts.
  if (has('prompt') && !hasAnswer(first)) return 'prompts';
  throw new AppError('data-format-unknown', { file, columns: columns.join(', ') || 'none', options: guessColumns(first) });
}

/** A column of images that holds none is as good as absent: sets with a few pictures have it in every row. */
export function withoutEmptyMedia(value: unknown): unknown {
  if (!isObject(value)) return value;
  const isEmpty = (inner: unknown) => inner === null || inner === '' || (Array.isArray(inner) && inner.length === 0);
  return Object.fromEntries(Object.entries(value).filter(([name, inner]) => !(MEDIA_COLUMN.test(name) && isEmpty(inner))));
}

/** Columns of a record that belong to no format: candidates to group by, or to leave out. */
export function otherColumns(record: unknown, format: Format): string[] {
  const known = Object.keys(SCHEMAS[format].shape);
  if (!isObject(record)) return [];
  return Object.keys(record).filter((name) => !known.includes(name) && !MEDIA_COLUMN.test(name));
}

/** The row, or all that is wrong with the record, each with its field as the file has it. */
export function toRow(format: Format, value: unknown, columns?: Columns): DataRow | { problems: FieldProblem[] } {
  const parsed = SCHEMAS[format].safeParse(value);
  const ownName = (field: string) => {
    const [part = '', ...rest] = field.split('.');
    return [nameOfPart(part, columns), ...rest].join('.');
  };
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap(meantIssues).flatMap((issue) => {
      const field = ownName(issue.path.join('.'));
      return problemsOf(issue).map((problem) => ({ field, problem }));
    });
    return { problems };
  }
  const { sides, wantsAnswer, ...row } = rowOf(format, parsed.data, value as Record<string, unknown>);
  const problems = sides.flatMap((side) => turnProblems(side, wantsAnswer));
  // Both sides of a pair have one prompt.
  const once = [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
  return once.length > 0 ? { problems: once.map(({ field, problem }) => ({ field: ownName(field), problem })) } : row;
}

function problemsOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code !== 'unrecognized_keys') return [issue.message];
  const others = issue.keys.filter((key) => !MEDIA_COLUMN.test(key)).join(', ');
  const media = issue.keys.filter((key) => MEDIA_COLUMN.test(key)).map(notText);
  return [...media, ...(others ? [`unknown column ${others}: remove it or rename it`] : [])];
}

/** Conversations that are learnt, for checks. */
type ReadRow = DataRow & { sides: Turn[][]; wantsAnswer: boolean };

/** @param written the record itself: whether a part was written as a text */
function rowOf(format: Format, fields: Record<string, unknown>, written: Record<string, unknown>): ReadRow {
  const { group, tools } = fields as { group?: string; tools?: unknown[] };
  const shared = { ...(tools ? { tools } : {}), ...(group === undefined ? {} : { group }) };
  const f = fields as { input?: string; system?: string; label: boolean; margin?: number; prompt?: Message[] } & Record<
    'instruction' | 'output' | 'vote',
    string
  >;
  const part = (name: string) => turnsOfPart(name, fields[name] as Message[], { isText: typeof written[name] === 'string' });
  const system: Turn[] = f.system ? [{ message: { role: 'system', content: f.system }, field: 'system' }] : [];
  const chat = (turns: Turn[]): ReadRow => ({
    kind: 'chat',
    row: { messages: messagesOf(turns), ...shared },
    sides: [turns],
    wantsAnswer: true,
  });
  switch (format) {
    case 'messages':
      return chat(part('messages'));
    case 'sharegpt':
      return chat([...system, ...turnsOfPart('conversations', fields.conversations as Message[], { inner: 'value' })]);
    case 'prompt-completion':
      return chat([...system, ...part('prompt'), ...part('completion')]);
    case 'alpaca': {
      // Alpaca's input stands below its instruction (tatsu-lab/stanford_alpaca, prompt_dict).
      const asked = f.input ? `${f.instruction}\n\n${f.input}` : f.instruction;
      const texts = { instruction: question(asked), output: answer(f.output) };
      return chat([...system, ...Object.entries(texts).flatMap(([name, messages]) => turnsOfPart(name, messages, { isText: true }))]);
    }
    case 'preference':
      return preference(f.prompt ? part('prompt') : undefined, part('chosen'), part('rejected'), {
        ...(f.margin === undefined ? {} : { margin: f.margin }),
        ...shared,
      });
    case 'votes': {
      const [better, worse] = f.vote === 'a' ? ['answer_a', 'answer_b'] : ['answer_b', 'answer_a'];
      return preference(part('prompt'), part(better as string), part(worse as string), shared);
    }
    case 'hh-preference': {
      const [chosen, rejected] = ['chosen', 'rejected'].map((side) =>
        turnsOfPart(side, hhMessages(String(fields[side])), { isText: true }),
      ) as [Turn[], Turn[]];
      return preference(undefined, chosen, rejected, shared);
    }
    case 'kto': {
      const [prompt, completion] = [part('prompt'), part('completion')];
      const row = { prompt: messagesOf(prompt), completion: messagesOf(completion), label: f.label, ...shared };
      return { kind: 'labelled', row, sides: [[...prompt, ...completion]], wantsAnswer: true };
    }
    case 'prompts': {
      const prompt = part('prompt');
      return { kind: 'prompt', row: { prompt: messagesOf(prompt), ...shared }, sides: [prompt], wantsAnswer: false };
    }
  }
}

/** An implicit prompt is what both dialogues begin with (trl data_utils.py, extract_prompt). */
function preference(prompt: Turn[] | undefined, chosen: Turn[], rejected: Turn[], shared: object): ReadRow {
  let numShared = 0;
  const isShared = (at: number) => JSON.stringify(chosen[at]?.message) === JSON.stringify(rejected[at]?.message);
  if (!prompt) while (numShared < Math.min(chosen.length, rejected.length) - 1 && isShared(numShared)) numShared++;
  const [asked, better, worse] = prompt
    ? [prompt, chosen, rejected]
    : [chosen.slice(0, numShared), chosen.slice(numShared), rejected.slice(numShared)];
  const row = { prompt: messagesOf(asked), chosen: messagesOf(better), rejected: messagesOf(worse), ...shared };
  return {
    kind: 'preference',
    row,
    sides: [
      [...asked, ...better],
      [...asked, ...worse],
    ],
    wantsAnswer: true,
  };
}

const isHh = (chosen: unknown) => typeof chosen === 'string' && /^\s*Human:|^\n\nHuman:/.test(chosen);

function hhMessages(dialogue: string): Message[] {
  const parts = `\n\n${dialogue.trimStart()}`.split(HH_TURN).slice(1);
  const turns: Message[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    turns.push({ role: parts[at] === 'Human' ? 'user' : 'assistant', content: (parts[at + 1] as string).trim() });
  }
  return turns;
}
