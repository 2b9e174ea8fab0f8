/** The check of the Host header. */
import type { FastifyRequest } from 'fastify';
import { AppError } from '../protocol/errors.js';

/**
 * A page in a browser can reach 127.0.0.1 through a name of its own (DNS rebinding). Only our own names are answered.
 * @throws AppError host-forbidden
 */
export function refuseForeignHost(request: FastifyRequest): void {
  const host = request.headers.host ?? '';
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host)) {
    throw new AppError('host-forbidden', { host, port: request.socket.localPort ?? '' });
  }
}
