/** Keys by which rows are known as the same question, or as much alike. */
import { createHash } from 'node:crypto';
import type { AnyRow } from '../protocol/row.js';

/** Zero-width characters, the byte order mark, and the soft hyphen: not seen, and copied with a text. */
const UNSEEN = /[\u00AD\u200B-\u200F\u2060\uFEFF]/g;
const LEADING_COURTESY = /^(?:please|kindly)\b[\s\p{P}]*/u;
const FINAL_PUNCTUATION = /[\s\p{P}]+$/u;

/**
 * Hash of a row's prompt, its system prompt aside. Case, spaces, Unicode form, characters that are not seen, punctuation at the end
 * and a leading "please" do not count: what differs in these alone is one question.
 */
export function promptKey(row: AnyRow): string {
  const known = promptKeys.get(row);
  if (known !== undefined) return known;
  const asked = ('messages' in row ? row.messages : row.prompt)
    .filter((message) => message.role === 'user')
    .map(({ content }) => normalizedText(content));
  const key = createHash('sha256').update(asked.join('\n')).digest('hex');
  promptKeys.set(row, key);
  return key;
}

/** A row's key is wanted by splits, overlap and groups. */
const promptKeys = new WeakMap<AnyRow, string>();

function normalizedText(text: string): string {
  const seen = text.replace(UNSEEN, '').normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
  return seen.replace(LEADING_COURTESY, '').replace(FINAL_PUNCTUATION, '') || seen;
}

/** Case, digits, punctuation and spacing do not count. */
export function alikeText(text: string): string {
  return text
    .replace(UNSEEN, '')
    .toLowerCase()
    .replace(/[^\p{L}]+/gu, ' ')
    .trim();
}

/** 48 bits: among a million rows two differ and share one once in 500 files. */
export function shortHash(text: string): number {
  return createHash('sha1').update(text).digest().readUIntBE(0, 6);
}
