/** Ids are long: a beginning is enough where only one id has it. */
import { AppError } from '../protocol/errors.js';

/** The id, or null where none begins so, or several do. */
export function matchId(asked: string, ids: string[]): string | null {
  const matches = ids.includes(asked) ? [asked] : beginningWith(asked, ids);
  return matches.length === 1 ? (matches[0] as string) : null;
}

/** @throws AppError id-ambiguous where several begin so */
export function refuseAmbiguous(asked: string, ids: string[]): void {
  const matches = beginningWith(asked, ids);
  if (matches.length > 1) throw new AppError('id-ambiguous', { id: asked, count: matches.length, ids: matches.join(', ') });
}

const beginningWith = (asked: string, ids: string[]) => (asked === '' ? [] : ids.filter((id) => id.startsWith(asked)));
