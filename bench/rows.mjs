// The rows of the benchmarks: 64 real chats of mixed lengths, and the same behind a long beginning that all share.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (name) =>
  readFileSync(join(import.meta.dirname, 'data', name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

/** GSM8K's questions and answers as chats (data/README.md). */
export const chats = () => read('gsm8k-chats.jsonl').map(({ messages }) => messages);

const TOOLS = [
  'add',
  'subtract',
  'multiply',
  'divide',
  'percentage_of',
  'convert_currency',
  'days_between',
  'round_to',
  'solve_linear',
  'average',
];

/** A system prompt with ten tools, about 800 tokens, before every chat. */
export function chatsWithTools() {
  const tools = TOOLS.map((name) => ({
    name,
    description: `Use ${name.replaceAll('_', ' ')} whenever the problem needs it, and say in the answer which numbers went into it.`,
    parameters: { type: 'object', properties: { first: { type: 'number' }, second: { type: 'number' } }, required: ['first', 'second'] },
  }));
  const system = `You solve maths problems step by step. Never guess a number. You may use these tools:\n${tools.map((tool) => JSON.stringify(tool)).join('\n')}`;
  return chats().map((messages) => [{ role: 'system', content: system }, ...messages.filter(({ role }) => role !== 'system')]);
}

/** Writes rows in the forms that the tools read, in an order. */
export function writeRows(folder, rows, order = rows.map((_, index) => index)) {
  mkdirSync(folder, { recursive: true });
  const lines = (values) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
  const ordered = order.map((index) => rows[index]);
  writeFileSync(join(folder, 'chats.jsonl'), lines(ordered.map((messages) => ({ messages }))));
  writeFileSync(
    join(folder, 'pairs.jsonl'),
    lines(ordered.map((messages) => ({ prompt: messages.slice(0, -1), completion: messages.slice(-1) }))),
  );
  // How LLaMA-Factory finds a file.
  const tags = { role_tag: 'role', content_tag: 'content', user_tag: 'user', assistant_tag: 'assistant', system_tag: 'system' };
  const info = { chats: { file_name: 'chats.jsonl', formatting: 'sharegpt', columns: { messages: 'messages' }, tags } };
  writeFileSync(join(folder, 'dataset_info.json'), JSON.stringify(info));
}

/** The values of a JSONL file; none where it is not there. */
export function readLines(file) {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}
