/** Requests to pages of the studio as whoever has the token of its home sends them, without a browser. */
import type { FastifyInstance } from 'fastify';
import { adminToken } from '../../src/store/admin-token.js';

export function pagesOf(home: string, app: FastifyInstance) {
  const headers = { host: '127.0.0.1', accept: 'text/html', authorization: `Bearer ${adminToken(home)}` };
  return {
    headers,
    get: (url: string) => app.inject({ url, headers }),
    /** As a form. */
    post: (url: string, fields: Record<string, string> = {}) =>
      app.inject({
        method: 'POST',
        url,
        payload: new URLSearchParams(fields).toString(),
        headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
      }),
  };
}
