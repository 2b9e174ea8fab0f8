/** A signal for requests that were abandoned. */
import type { FastifyReply } from 'fastify';

/** Aborts when the client closes its connection: abandoned requests are cancelled. */
export function clientLeaving(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
