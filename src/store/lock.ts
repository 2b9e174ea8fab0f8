/** One process at a time: a file that only one can create, with the process that holds it. */
import { randomUUID } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { AppError } from '../protocol/errors.js';
import { ProcessIdentity } from '../protocol/run.js';
import { identifyProcess, isOnThisHost, isProcessAlive } from './processes.js';

const POLL_MS = 10;
/** What is done under a lock takes milliseconds; on a slow disk under load, seconds. */
const PATIENCE_MS = 60_000;
const HELD_POLL_MS = 100;
/** What is held is an installation at most: some minutes, on a slow line an hour. */
const HELD_PATIENCE_MS = 3_600_000;

const Holder = z.strictObject({ ...ProcessIdentity.shape, nonce: z.string() });
type Holder = z.infer<typeof Holder>;

/** Does the work while no other process holds the lock; one whose holder has died is taken over. @throws AppError locked */
export function withLock<T>(path: string, work: () => T, patienceMs = PATIENCE_MS): T {
  const claim = claimOf(path);
  try {
    const deadline = Date.now() + patienceMs;
    while (!claim.take()) {
      if (Date.now() > deadline) throw claim.refusal();
      pause(POLL_MS);
    }
    return work();
  } finally {
    claim.release();
  }
}

/** As `withLock`, for work that takes minutes; others in this process wait as well. @throws AppError locked */
export async function withLockHeld<T>(path: string, work: () => Promise<T>, { onWait }: { onWait: () => void }): Promise<T> {
  const claim = claimOf(path);
  try {
    const deadline = Date.now() + HELD_PATIENCE_MS;
    let hasWaited = false;
    while (!claim.take()) {
      if (!hasWaited) onWait();
      hasWaited = true;
      if (Date.now() > deadline) throw claim.refusal();
      await new Promise((resolve) => setTimeout(resolve, HELD_POLL_MS));
    }
    return await work();
  } finally {
    claim.release();
  }
}

/** A file with this process in it, which becomes the lock by a link: that succeeds for one only. */
function claimOf(path: string) {
  mkdirSync(dirname(path), { recursive: true });
  const mine: Holder = { ...identifyProcess(process.pid), nonce: randomUUID() };
  const temporary = `${path}.${mine.nonce}`;
  let isTaken = false;
  return {
    take(): boolean {
      if (!existsSync(temporary)) writeFileSync(temporary, JSON.stringify(mine), { mode: 0o600 });
      isTaken = tryLink(temporary, path);
      if (!isTaken) removeIfDead(path);
      return isTaken;
    },
    release(): void {
      if (isTaken) rmSync(path, { force: true });
      rmSync(temporary, { force: true });
    },
    refusal: () => new AppError('locked', { file: path, holder: existsSync(path) ? readFileSync(path, 'utf8') : '' }),
  };
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** A nonce is taken over once: a second process that saw the same dead holder must not remove the lock of the first. */
function removeIfDead(path: string): void {
  const holder = holderOf(path);
  if (!holder || !isOnThisHost(holder) || isProcessAlive(holder)) return;
  try {
    writeFileSync(`${path}.${basename(holder.nonce)}.dead`, '', { flag: 'wx', mode: 0o600 });
  } catch {
    return;
  }
  rmSync(path, { force: true });
}

function holderOf(path: string): Holder | null {
  try {
    return Holder.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}

/** Without the event loop: what is done under a lock is synchronous. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
