/**
 * Work in progress under <home>/tmp, and what is being removed under <home>/trash: neither is listed or read. Each folder
 * is named after its process, so that what a process has left when it died can be told and swept.
 */
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { temporaryFolder, trashFolder } from './home.js';
import { identifyProcess, isProcessAlive } from './processes.js';

/** A new folder for one piece of work. It becomes part of the home by one rename, or is removed. */
export function newWorkFolder(home: string): string {
  return newFolder(temporaryFolder(home));
}

/** Does the work in a folder of its own, which then takes its place; where another process was first, the other's stays. */
export async function makeFolder<T>(home: string, place: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = newWorkFolder(home);
  try {
    const made = await work(folder);
    mkdirSync(join(place, '..'), { recursive: true });
    try {
      renameSync(folder, place);
    } catch (error) {
      if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
    return made;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Removes a folder: out of sight in one stroke, so that an interruption never leaves half of it to be listed. */
export function removeFolder(home: string, folder: string): void {
  const doomed = newFolder(trashFolder(home));
  renameSync(folder, join(doomed, basename(folder)));
  rmSync(doomed, { recursive: true, force: true });
}

/** Removes what processes that are gone have left. */
export function sweepLeftovers(home: string): void {
  for (const place of [temporaryFolder(home), trashFolder(home)]) {
    for (const name of namesIn(place)) if (!isInUse(name)) rmSync(join(place, name), { recursive: true, force: true });
  }
}

function newFolder(place: string): string {
  mkdirSync(place, { recursive: true, mode: 0o700 });
  return mkdtempSync(join(place, `${process.pid}-${identifyProcess(process.pid).start_time}-`));
}

function isInUse(name: string): boolean {
  const [, pid, start_time] = /^(\d+)-(\d*)-/.exec(name) ?? [];
  return pid !== undefined && isProcessAlive({ ...identifyProcess(process.pid), pid: Number(pid), start_time: start_time ?? '' });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
