/** The admin token of a home: whoever can read its file may change things and see rows. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { writeWhole } from '../../store/files.js';
import { adminTokenFile } from '../../store/home.js';

/** The token of this home, made on first use; its file is readable by the owner only. */
export function adminToken(home: string): string {
  const file = adminTokenFile(home);
  if (!existsSync(file)) writeWhole(file, randomBytes(32).toString('base64url'));
  return readFileSync(file, 'utf8').trim();
}

/** Whether two secrets are equal, in a time that does not tell how much of them is. */
export function isSameSecret(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
