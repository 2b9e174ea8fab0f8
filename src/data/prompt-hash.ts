/** The hash by which rows with the same prompt are found. */
import { createHash } from 'node:crypto';
import type { AnyRow } from '../protocol/row.js';

/** Hash of a row's prompt; case, spacing and Unicode form do not count, so that a copied row is found. */
export function promptHash(row: AnyRow): string {
  const asked = ('messages' in row ? row.messages : row.prompt)
    .filter((message) => message.role === 'user')
    .map((message) => message.content);
  const normalized = asked.join('\n').normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
  return createHash('sha256').update(normalized).digest('hex');
}
