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

/** @param rows messages of chats, or rows of another kind as they are */
export function writeRows(folder, rows) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'rows.jsonl'), jsonLines(rows.map((row) => (Array.isArray(row) ? { messages: row } : row))));
}

/** Of GSM8K's text under SmolLM2's tokenizer. */
export const CHARACTERS_PER_TOKEN = 3.4;

/** Prompts and answers of GSM8K's text, each a third shorter or longer than asked. */
function promptsWithAnswers(count, { prompt, answer }, numAnswers = 2) {
  const text = chats()
    .flatMap((messages) => messages.map(({ content }) => content))
    .join('\n');
  let at = 0;
  const take = (tokens, index) => {
    const length = Math.round(tokens * CHARACTERS_PER_TOKEN * (2 / 3 + (2 / 3) * ((index * 37) % 100) * 0.01));
    const start = at;
    at += length;
    return text.slice(start, at).trim();
  };
  const says = (role, content) => [{ role, content }];
  return Array.from({ length: count }, (_, index) => ({
    prompt: says('user', take(prompt, index)),
    answers: Array.from({ length: numAnswers }, (_, number) => says('assistant', take(answer, index + number + 1))),
  }));
}

export const pairs = (count, lengths) =>
  promptsWithAnswers(count, lengths).map(({ prompt, answers: [chosen, rejected] }) => ({ prompt, chosen, rejected }));

/** Four answers to each prompt. @param places of the better and the worse answer of each pair that is made of them */
export const ranked = (count, lengths, places) =>
  promptsWithAnswers(count, lengths, 4).flatMap(({ prompt, answers }) =>
    places.map(([better, worse]) => ({ prompt, chosen: answers[better], rejected: answers[worse] })),
  );

export const labelled = (count, lengths) =>
  promptsWithAnswers(count, lengths).map(({ prompt, answers: [completion] }, index) => ({ prompt, completion, label: index % 2 === 0 }));

/**
 * Writes rows as Slipway has tokenized them: other tools get the same tokens and the same labels.
 * @param examples of each row its texts: one, or the better and the worse of a pair in LLaMA-Factory's columns
 */
export function writeTokens(folder, examples) {
  const labelsOf = ({ input_ids, supervised }) =>
    input_ids.map((id, place) => (supervised.some(([start, end]) => start <= place && place < end) ? id : -100));
  const tokensOf = (row) => ({ input_ids: row.input_ids, attention_mask: row.input_ids.map(() => 1), labels: labelsOf(row) });
  const media = { images: null, videos: null, audios: null };
  const named = (side, tokens) => Object.fromEntries(Object.entries(tokens).map(([name, values]) => [`${side}_${name}`, values]));
  const tokens = examples.map(([first, second]) =>
    second ? { ...named('chosen', tokensOf(first)), ...named('rejected', tokensOf(second)), ...media } : tokensOf(first),
  );
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
