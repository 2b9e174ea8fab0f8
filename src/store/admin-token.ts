/** The admin token of a home: it allows changes, and access to rows. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { writeWhole } from './files.js';
import { adminTokenFile } from './home.js';

/** The token of this home, made on first use; its file is readable by the owner only. */
export function adminToken(home: string): string {
  const file = adminTokenFile(home);
  if (!existsSync(file)) writeWhole(file, randomBytes(32).toString('base64url'));
  return readFileSync(file, 'utf8').trim();
}
