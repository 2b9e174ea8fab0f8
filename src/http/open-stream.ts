/** An answer that is written piece by piece; what the hooks have set counts for it as well. */
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';

export function openStream(reply: FastifyReply, contentType: string): ServerResponse {
  reply.hijack();
  const headers = Object.fromEntries(Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)]));
  return reply.raw.writeHead(200, { ...headers, 'content-type': contentType, 'cache-control': 'no-store' });
}

/** Server-sent events. Each call of `send` writes one event; an object is written as JSON. */
export function openEventStream(reply: FastifyReply): { send: (data: object | string) => void; end: () => void } {
  const stream = openStream(reply, 'text/event-stream; charset=utf-8');
  return {
    send: (data) => {
      stream.write(`data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);
    },
    end: () => {
      stream.end();
    },
  };
}
