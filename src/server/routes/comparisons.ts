/** Comparisons: the list, each pair's page, how far an unfinished one is, and stop and resume. */
import { basename } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { findComparison } from '../../compare/comparison.js';
import { resumeMeasuring } from '../../flow/compare/measure.js';
import { AppError } from '../../protocol/errors.js';
import { RowQuery } from '../../protocol/row-result.js';
import { stopJob } from '../../tune/launch/stop-job.js';
import { ComparePage } from '../../web/pages/compare/compare-page.js';
import { MeasuringPage, MeasuringState } from '../../web/pages/compare/measuring-page.js';
import { RowPage } from '../../web/pages/compare/row-page.js';
import { RowsPage } from '../../web/pages/compare/rows-page.js';
import { ComparisonsPage } from '../../web/pages/comparisons-page.js';
import { slugPath } from '../../web/paths.js';
import { sendChanges } from '../live.js';
import { sendFile, sendPage } from '../send-page.js';
import type { StudioContext } from '../studio-context.js';
import { comparisonPath, comparisonStamp, comparisonView, listComparisons, measuringView } from '../views/comparison-view.js';
import { reportText } from '../views/report.js';
import { rowsFile, rowsView, rowView } from '../views/rows-view.js';

interface OfComparison {
  Params: { id: string };
}

export function comparisonRoutes(app: FastifyInstance, { home, frame }: StudioContext): void {
  app.get('/comparisons', (request, reply) => sendPage(reply, ComparisonsPage({ frame: frame(request), ...listComparisons(home) })));

  app.get<{ Params: { slug: string }; Querystring: { v?: string } }>('/compare/:slug', (request, reply) => {
    const { slug } = request.params;
    const { v } = request.query;
    const canonical = slug.split('-vs-').sort().join('-vs-');
    if (canonical !== slug) return reply.redirect(slugPath(canonical, v), 301);
    const ofPair = listComparisons(home).comparisons.filter((row) => row.slug === slug);
    const chosen = v === undefined ? ofPair[0] : ofPair.find(({ id }) => id === v);
    if (!chosen) throw new AppError('page-not-found', { path: request.url });
    const folder = findComparison(home, chosen.id);
    const view = comparisonView(folder);
    if (!view) return sendPage(reply, MeasuringPage({ frame: frame(request), view: measuringView(folder) }));
    const others = ofPair.map(({ id }) => id).filter((id) => id !== chosen.id);
    return sendPage(reply, ComparePage({ frame: frame(request), ...view, slug, others }));
  });

  /** The page by the id alone. */
  app.get<OfComparison>('/comparisons/:id', (request, reply) =>
    reply.redirect(comparisonPath(findComparison(home, request.params.id)), 303),
  );

  app.get<OfComparison>('/comparisons/:id/rows', (request, reply) => {
    const view = rowsView(findComparison(home, request.params.id), RowQuery.parse(request.query));
    return sendPage(reply, RowsPage({ frame: frame(request), ...view }));
  });

  app.get<OfComparison>('/comparisons/:id/rows.csv', (request, reply) => {
    const folder = findComparison(home, request.params.id);
    const text = rowsFile(folder, RowQuery.parse(request.query));
    return sendFile(reply, `${basename(folder)}-rows.csv`, 'text/csv; charset=utf-8', text);
  });

  app.get<OfComparison>('/comparisons/:id/report.html', (request, reply) => {
    const folder = findComparison(home, request.params.id);
    const { rows } = request.query as { rows?: string };
    return sendFile(reply, `${basename(folder)}.html`, 'text/html; charset=utf-8', reportText(folder, rows === 'all'));
  });

  app.get<{ Params: { id: string; row: string } }>('/comparisons/:id/rows/:row', (request, reply) => {
    const { id, row } = request.params;
    return sendPage(reply, RowPage({ frame: frame(request), ...rowView(findComparison(home, id), row) }));
  });

  app.get<OfComparison>('/comparisons/:id/changes', (request, reply) => {
    const { id } = request.params;
    const folder = findComparison(home, id);
    const { csrf } = frame(request);
    sendChanges(
      request,
      reply,
      () => comparisonStamp(home, id),
      () => ({ state: MeasuringState({ view: measuringView(folder), csrf }) }),
    );
  });

  app.post<OfComparison>('/comparisons/:id/stop', (request, reply) => {
    const folder = findComparison(home, request.params.id);
    stopJob(folder, 'studio');
    return reply.redirect(comparisonPath(folder), 303);
  });

  app.post<OfComparison>('/comparisons/:id/resume', async (request, reply) => {
    const folder = findComparison(home, request.params.id);
    await resumeMeasuring(folder);
    return reply.redirect(comparisonPath(folder), 303);
  });
}
