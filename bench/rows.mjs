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

const jsonLines = (values) => values.map((value) => `${JSON.stringify(value)}\n`).join('');

export function writeChats(folder, rows) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'chats.jsonl'), jsonLines(rows.map((messages) => ({ messages }))));
}

/** Writes rows as Slipway has tokenized them: other tools get the same tokens and the same labels. */
export function writeTokens(folder, rows) {
  const labelsOf = ({ input_ids, supervised }) =>
    input_ids.map((id, place) => (supervised.some(([start, end]) => start <= place && place < end) ? id : -100));
  const tokens = rows.map((row) => ({ input_ids: row.input_ids, attention_mask: row.input_ids.map(() => 1), labels: labelsOf(row) }));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'tokens.jsonl'), jsonLines(tokens));
}

/** The values of a JSONL file; none where it is not there. */
export function readLines(file) {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}
