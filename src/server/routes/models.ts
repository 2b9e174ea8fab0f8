/** Models with licence and lineage. */
import type { FastifyInstance } from 'fastify';
import { listLineage } from '../../flow/lineage.js';
import { ModelsPage } from '../../web/pages/models-page.js';
import { type StudioContext, sendPage } from '../studio.js';

export function modelRoutes(app: FastifyInstance, { home, frame }: StudioContext): void {
  app.get('/models', (request, reply) => sendPage(reply, ModelsPage({ frame: frame(request), models: listLineage(home) })));
}
