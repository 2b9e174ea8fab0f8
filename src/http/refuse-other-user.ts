/**
 * The studio is for who has started it. Cookies know no ports: a program of another user on 127.0.0.1, once visited,
 * receives the studio's too. With it that user could connect, so the user of each connection is looked up in the kernel's
 * own list. Linux; elsewhere nothing is known, and everyone on the machine who has a session's cookie is let in.
 */
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../protocol/errors.js';

const ROOT = 0;
const known = new WeakMap<Socket, number | null>();

/** @throws AppError user-forbidden */
export function refuseOtherUser(request: FastifyRequest): void {
  const { socket } = request;
  if (!known.has(socket)) known.set(socket, userOf(socket));
  const user = known.get(socket) ?? null;
  if (user !== null && user !== ROOT && user !== process.getuid?.()) throw new AppError('user-forbidden', { user });
}

/** The user id of the other end of a connection within this machine (proc(5), /proc/net/tcp); null where it is not known. */
function userOf({ remotePort, localPort }: Socket): number | null {
  if (remotePort === undefined || localPort === undefined) return null;
  const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, '0');
  const isTheirs = (columns: string[]) => columns[1]?.endsWith(`:${hex(remotePort)}`) && columns[2]?.endsWith(`:${hex(localPort)}`);
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const line = readLines(file).find((columns) => isTheirs(columns));
    if (line) return Number(line[7]);
  }
  return null;
}

function readLines(file: string): string[][] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/));
  } catch {
    return [];
  }
}
