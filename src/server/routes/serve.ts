/** Serving a model or a run to programs of this machine, for as long as the studio runs. */
import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { baseOf } from '../../flow/chat/chat.js';
import { parseRequest } from '../../http/parse-request.js';
import { importedModel } from '../../run/weights/resolve-model.js';
import { findRunIfAny } from '../../store/runs.js';
import { ServePage } from '../../web/pages/serve-page.js';
import { servePath } from '../../web/paths.js';
import { sendPage } from '../send-page.js';
import type { Servings } from '../servings.js';
import type { StudioContext } from '../studio-context.js';

const Asked = z.object({
  port: z
    .string()
    .trim()
    .regex(/^\d{0,5}$/, 'port must be a number')
    .default('')
    .transform(Number)
    .pipe(z.number().max(65_535, 'port must be at most 65535')),
});

interface OfServed {
  Params: { id: string };
}

export function serveRoutes(app: FastifyInstance, { home, frame, preparings }: StudioContext, servings: Servings): void {
  /** A run may be named by the beginning of its id. @throws AppError model-not-found */
  const known = (asked: string) => {
    const run = findRunIfAny(home, asked);
    const [id, base] = [run ? basename(run) : asked, baseOf(home, asked)];
    importedModel(home, base);
    return { id, base };
  };

  app.get<OfServed>('/serve/:id', (request, reply) => {
    const { id, base } = known(request.params.id);
    return sendPage(reply, ServePage({ frame: frame(request), id, base, serving: servings.find(id) ?? null }));
  });

  app.post<OfServed>('/serve/:id', (request, reply) => {
    const { id } = known(request.params.id);
    const { port } = parseRequest(Asked, request.body);
    const preparing = randomUUID();
    preparings.start(preparing, { title: 'the server', about: id, back: servePath(id) }, async (reporter) => {
      reporter.stage('serve', id);
      await servings.start(id, port, reporter);
      return servePath(id);
    });
    return reply.redirect(`/starting/${preparing}`, 303);
  });

  app.post<OfServed>('/serve/:id/stop', async (request, reply) => {
    await servings.stop(request.params.id);
    return reply.redirect(servePath(request.params.id), 303);
  });
}
