/** A signal for work whose answer nobody waits for any more. */
import type { FastifyReply } from 'fastify';

/** Aborts when the client closes its connection, so that nobody computes for nobody. */
export function clientLeaving(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
