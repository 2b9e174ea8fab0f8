/** Who may look: a key in the printed link, good for one sign-in, becomes a cookie; every change needs a token of that session. */
import { createHmac, randomBytes } from 'node:crypto';
import { isSameSecret } from '../http/same-secret.js';

/** A browser that was signed in yesterday is not necessarily still one's own. */
const SESSION_MS = 12 * 60 * 60 * 1000;
const MAX_SESSIONS = 1000;
/** A link that nobody has used is still in the terminal's history. */
const LINK_MS = 60 * 60 * 1000;

export interface Sessions {
  /** A key for one printed link; unused it ends after an hour. */
  makeKey(): string;
  /** A session for a key that was not used yet, or null. */
  useKey(key: string): string | null;
  open(): string;
  isOpen(session: string | undefined): session is string;
  /** What a form of this session carries: known to its pages only. */
  csrf(session: string): string;
}

export function createSessions(now: () => number = Date.now): Sessions {
  const secret = randomBytes(32);
  /** When each key of a link ends. */
  const keys = new Map<string, number>();
  const ends = new Map<string, number>();
  const open = () => {
    for (const [session, end] of ends) if (end < now() || ends.size >= MAX_SESSIONS) ends.delete(session);
    const session = randomBytes(24).toString('base64url');
    ends.set(session, now() + SESSION_MS);
    return session;
  };
  return {
    makeKey() {
      const key = randomBytes(12).toString('base64url');
      keys.set(key, now() + LINK_MS);
      return key;
    },
    useKey(key) {
      for (const [one, end] of keys) if (end < now()) keys.delete(one);
      const known = [...keys.keys()].find((one) => isSameSecret(key, one));
      if (!known) return null;
      keys.delete(known);
      return open();
    },
    open,
    isOpen: (session): session is string => session !== undefined && (ends.get(session) ?? 0) > now(),
    csrf: (session) => createHmac('sha256', secret).update(session).digest('base64url'),
  };
}
