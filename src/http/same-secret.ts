/** Comparing secrets. */
import { timingSafeEqual } from 'node:crypto';

/** Whether two secrets are equal, in a time that does not depend on how much of them is equal. */
export function isSameSecret(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
