/** A page as the answer to a request. */
import type { FastifyReply } from 'fastify';
import { renderPage } from '../web/render-page.js';

export function sendPage(reply: FastifyReply, page: Parameters<typeof renderPage>[0]): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(renderPage(page));
}
