/** Models with licence and lineage. */
import type { FastifyInstance } from 'fastify';
import { listLineage } from '../../flow/keep/lineage.js';
import { unreadableModels } from '../../run/weights/resolve-model.js';
import { ModelsPage } from '../../web/pages/models-page.js';
import { sendPage } from '../send-page.js';
import type { StudioContext } from '../studio-context.js';

export function modelRoutes(app: FastifyInstance, { home, frame }: StudioContext): void {
  app.get('/models', (request, reply) =>
    sendPage(reply, ModelsPage({ frame: frame(request), models: listLineage(home), unreadable: unreadableModels(home) })),
  );
}
