/** The hash by which rows with the same prompt are found. */
import { createHash } from 'node:crypto';
import type { Row } from '../protocol/row.js';

/** Hash of a row's prompt; case, spacing and Unicode form do not count, so that a copied row is found. */
export function promptHash(row: Row): string {
  const asked = row.messages.filter((message) => message.role === 'user').map((message) => message.content);
  const normalized = asked.join('\n').normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
  return createHash('sha256').update(normalized).digest('hex');
}
