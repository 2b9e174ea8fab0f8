/** Telling whether a recorded process still lives: a pid alone proves nothing. Linux; elsewhere only the lease counts. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import type { ProcessIdentity } from '../protocol/run.js';

export function identifyProcess(pid: number): ProcessIdentity {
  return { host: hostname(), boot_id: bootId(), pid, start_time: startTime(pid) ?? '' };
}

export function isOnThisHost(identity: ProcessIdentity): boolean {
  return identity.host === hostname() && identity.boot_id === bootId();
}

/** Whether the very process that was recorded still runs (a zombie does not); where start times are not known, any of its pid. */
export function isProcessAlive(identity: ProcessIdentity): boolean {
  if (!isOnThisHost(identity)) return false;
  return identity.start_time === '' ? hasPid(identity.pid) : startTime(identity.pid) === identity.start_time;
}

function hasPid(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether any process holds a lock on the file, by the kernel's own list (proc(5), /proc/locks). */
export function isLocked(path: string): boolean {
  if (!existsSync(path) || !existsSync('/proc/locks')) return false;
  const { ino, dev } = statSync(path);
  const hex = (value: number) => value.toString(16).padStart(2, '0');
  // Linux: st_dev holds the major number in bits 8…19, the minor in bits 0…7 and 20…31.
  const device = `${hex((dev >> 8) & 0xfff)}:${hex((dev & 0xff) | ((dev >> 12) & 0xfff00))}:${ino}`;
  return readFileSync('/proc/locks', 'utf8')
    .split('\n')
    .some((line) => line.includes(` ${device} `));
}

function bootId(): string {
  const file = '/proc/sys/kernel/random/boot_id';
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
}

/** Field 22 of /proc/<pid>/stat; null when there is no such process or it is a zombie. */
function startTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command in parentheses may hold spaces and parentheses: count fields after the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}
