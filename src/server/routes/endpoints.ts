/** Endpoints that this home keeps: shown without their keys, added, and removed. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type AskedEndpoint, addEndpoint } from '../../flow/compare/add-endpoint.js';
import { parseRequest } from '../../http/parse-request.js';
import { shownEndpoint } from '../../protocol/endpoint.js';
import { AppError } from '../../protocol/errors.js';
import { listEndpoints, removeEndpoint } from '../../store/endpoints.js';
import { EndpointsPage } from '../../web/pages/endpoints-page.js';
import { sendPage } from '../send-page.js';
import type { StudioContext } from '../studio-context.js';

const text = z.string().max(10_000).default('');
const Asked = z.object({ name: text, base_url: text, model: text, api_key: text });

export function endpointRoutes(app: FastifyInstance, { home, frame }: StudioContext): void {
  const page = (request: FastifyRequest, reply: FastifyReply, asked: AskedEndpoint | null, error: AppError | null) => {
    const { endpoints, unreadable } = listEndpoints(home);
    const shown = endpoints.map(shownEndpoint);
    const ofFrame = { ...frame(request), path: '/endpoints' };
    return sendPage(reply, EndpointsPage({ frame: ofFrame, endpoints: shown, unreadable, asked, problem: error }));
  };

  app.get('/endpoints', (request, reply) => page(request, reply, null, null));

  app.post('/endpoints', async (request, reply) => {
    const asked = parseRequest(Asked, request.body);
    try {
      await addEndpoint(home, asked);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return page(request, reply.status(error.http_status), asked, error);
    }
    return reply.redirect('/endpoints', 303);
  });

  app.post<{ Params: { name: string } }>('/endpoints/:name/remove', (request, reply) => {
    removeEndpoint(home, request.params.name);
    return reply.redirect('/endpoints', 303);
  });
}
