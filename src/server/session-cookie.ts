/** The cookie that holds a browser's session. */
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Cookies know no ports: the name keeps two studios on one machine apart. */
const cookieName = (request: FastifyRequest) => `slipway_${request.socket.localPort ?? 0}`;

export function sessionOf(request: FastifyRequest): string | undefined {
  return request.cookies[cookieName(request)];
}

export function setSession(request: FastifyRequest, reply: FastifyReply, session: string): FastifyReply {
  return reply.setCookie(cookieName(request), session, { httpOnly: true, sameSite: 'lax', path: '/' });
}
