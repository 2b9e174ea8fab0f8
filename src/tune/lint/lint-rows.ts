/** What is risky in rows that are well-formed: counted, with three examples each. One row at a time; of earlier ones hashes are kept. */
import { alikeText, shortHash } from '../../data/row-keys.js';
import type { LintReport, LintWarning } from '../../protocol/lint.js';
import { conversationOf, type DataRow, type Message } from '../../protocol/row.js';
import { personalDataIn } from './personal-data.js';
import { startPreferenceLint, textOf } from './preference-lint.js';

const MAX_EXAMPLES = 3;
const EXCERPT_CHARACTERS = 80;
/** Rows whose hashes are remembered: 16 bytes each, and what a Map needs beside them. */
const MAX_REMEMBERED = 2_000_000;
/** English under the vocabularies in use; a warning may be rough. */
const CHARACTERS_PER_TOKEN = 4;

export interface Lint {
  look: (read: DataRow, place: { file: string; line: number }) => void;
  report: () => LintReport;
}

/** @param contextLength the model's, in tokens; null: lengths are not checked */
export function startLint(contextLength: number | null): Lint {
  const warnings = new Map<LintWarning['kind'], LintWarning>();
  const seen = new Map<number, number>();
  const alike = new Map<number, number>();
  const preferences = startPreferenceLint(MAX_REMEMBERED);
  let numRows = 0;

  const warn = (kind: LintWarning['kind'], place: { file: string; line: number }, excerpt: string) => {
    const warning = warnings.get(kind) ?? { kind, count: 0, examples: [] };
    warning.count++;
    if (warning.examples.length < MAX_EXAMPLES) warning.examples.push({ ...place, excerpt: cut(excerpt) });
    warnings.set(kind, warning);
  };
  const repeats = (known: Map<number, number>, text: string, line: number): number | null => {
    const key = shortHash(text);
    const earlier = known.get(key);
    if (earlier === undefined && known.size < MAX_REMEMBERED) known.set(key, line);
    return earlier ?? null;
  };

  return {
    look(read, place) {
      numRows++;
      const turns = conversationOf(read.row);
      const shown = turns.map(({ role, content }) => `${role}\n${content}`).join('\n');
      const whole = read.kind === 'preference' ? `${shown}\n${textOf(read.row.rejected)}` : shown;
      const twin = repeats(seen, whole, numRows);
      const sibling = repeats(alike, alikeText(whole), numRows);
      if (twin !== null) warn('repeated row', place, `as row ${twin}: ${lastQuestion(turns)}`);
      else if (sibling !== null) warn('near-duplicate', place, `much as row ${sibling}: ${lastQuestion(turns)}`);
      for (const problem of orderProblems(turns)) warn(problem, place, lastQuestion(turns));
      const reply = turns.at(-1);
      if (read.kind !== 'prompt' && reply && reply.content.trim() === lastQuestion(turns).trim())
        warn('answer repeats its prompt', place, reply.content);
      for (const { kind, excerpt } of preferences.look(read)) warn(kind, place, excerpt);
      for (const kind of personalDataIn(whole)) warn(kind, place, whole);
      if (contextLength && whole.length / CHARACTERS_PER_TOKEN > contextLength)
        warn('longer than the context', place, `about ${Math.round(whole.length / CHARACTERS_PER_TOKEN)} tokens`);
    },
    report: () => {
      const unbiased = [...warnings.values()].filter(({ kind }) => !preferences.isNoBias(kind));
      return { num_rows: numRows, warnings: unbiased.sort((a, b) => b.count - a.count) };
    },
  };
}

const lastQuestion = (turns: Message[]) => turns.findLast(({ role }) => role === 'user')?.content ?? '';

function orderProblems(turns: Message[]): LintWarning['kind'][] {
  const spoken = turns.filter(({ role }) => role !== 'system' && role !== 'tool');
  const isOutOfOrder = spoken.some(({ role }, index) => {
    const before = spoken[index - 1];
    // A call of a tool and the answer made of its result are both the assistant's.
    if (before?.role === 'assistant' && before.tool_calls?.length) return false;
    return role === (index === 0 ? 'assistant' : before?.role);
  });
  const isEmpty = turns.some(({ role, content }) => role === 'user' && content.trim() === '');
  return [...(isOutOfOrder ? (['roles out of order'] as const) : []), ...(isEmpty ? (['empty question'] as const) : [])];
}

function cut(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > EXCERPT_CHARACTERS ? `${line.slice(0, EXCERPT_CHARACTERS - 1)}…` : line;
}
