/** A page, or a file to keep, as the answer to a request. */
import type { FastifyReply } from 'fastify';
import { renderPage } from '../web/render-page.js';

export function sendPage(reply: FastifyReply, page: Parameters<typeof renderPage>[0]): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(renderPage(page));
}

/** @param name of ids and words: it is quoted for the header */
export function sendFile(reply: FastifyReply, name: string, type: string, text: string): FastifyReply {
  return reply
    .type(type)
    .header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(name)}`)
    .send(text);
}
