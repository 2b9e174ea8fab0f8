/** Parts of a page sent again when they have changed, as server-sent events: rendered here, put in place by web/client/live.ts. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ReactElement } from 'react';
import { openEventStream } from '../http/open-stream.js';
import { renderPart } from '../web/render-page.js';

const POLL_MS = 1000;

/**
 * @param stamp differs when something may have changed; cheap, since it is called every second during training
 * @param read the parts as they are now, by the id of their element
 */
export function sendChanges(
  request: FastifyRequest,
  reply: FastifyReply,
  stamp: () => string,
  read: () => Record<string, ReactElement>,
): void {
  const { send, end } = openEventStream(reply);
  const sent = new Map<string, string>();
  let last: string | null = null;
  const look = () => {
    try {
      const now = stamp();
      if (now === last) return;
      const isFirst = last === null;
      last = now;
      const changed = Object.entries(read())
        .map(([id, part]) => [id, renderPart(part)] as const)
        .filter(([id, html]) => sent.get(id) !== html);
      for (const [id, html] of changed) sent.set(id, html);
      // The page came with these parts: what is sent is what has changed since, and once all of it, for the time between.
      if (changed.length > 0 || isFirst) send(Object.fromEntries(changed));
    } catch {
      // A run that was removed meanwhile: the page keeps what it shows.
      end();
    }
  };
  look();
  const timer = setInterval(look, POLL_MS);
  request.raw.once('close', () => clearInterval(timer));
}
