/** Comparisons: the list, and each pair's page. */
import type { FastifyInstance } from 'fastify';
import { findComparison } from '../../compare/comparison.js';
import { AppError } from '../../protocol/errors.js';
import { ComparePage } from '../../web/pages/compare/compare-page.js';
import { ComparisonsPage } from '../../web/pages/comparisons-page.js';
import { sendPage } from '../send-page.js';
import type { StudioContext } from '../studio-context.js';
import { comparisonPath, comparisonView, listComparisons } from '../views/comparison-view.js';

export function comparisonRoutes(app: FastifyInstance, { home, frame }: StudioContext): void {
  app.get('/comparisons', (request, reply) => sendPage(reply, ComparisonsPage({ frame: frame(request), ...listComparisons(home) })));

  app.get<{ Params: { slug: string }; Querystring: { v?: string } }>('/compare/:slug', (request, reply) => {
    const { slug } = request.params;
    const { v } = request.query;
    const canonical = slug.split('-vs-').sort().join('-vs-');
    if (canonical !== slug) return reply.redirect(`/compare/${canonical}${v === undefined ? '' : `?v=${encodeURIComponent(v)}`}`, 301);
    const ofPair = listComparisons(home).comparisons.filter((row) => row.slug === slug);
    const chosen = v === undefined ? ofPair[0] : ofPair.find(({ id }) => id === v);
    if (!chosen) throw new AppError('page-not-found', { path: request.url });
    const view = comparisonView(findComparison(home, chosen.id));
    const others = ofPair.map(({ id }) => id).filter((id) => id !== chosen.id);
    return sendPage(reply, ComparePage({ frame: frame(request), ...view, slug, others }));
  });

  /** For whoever knows the id only. */
  app.get<{ Params: { id: string } }>('/comparisons/:id', (request, reply) =>
    reply.redirect(comparisonPath(findComparison(home, request.params.id)), 303),
  );
}
