/** Runs: the list, each one's page, their changes as they come, and stop and resume. */
import type { FastifyInstance } from 'fastify';
import { resume } from '../../flow/tune/start-run.js';
import { findRun, unreadableRuns } from '../../store/runs.js';
import { stopJob } from '../../tune/launch/stop-job.js';
import { createEventReader } from '../../tune/read-events.js';
import { liveParts, RunPage } from '../../web/pages/run/run-page.js';
import { RunList, RunsPage } from '../../web/pages/runs-page.js';
import { runPath } from '../../web/paths.js';
import { sendChanges } from '../live.js';
import { sendPage } from '../send-page.js';
import type { StudioContext } from '../studio-context.js';
import { runRows, runStamp, runsStamp, runView } from '../views/run-view.js';

interface OfRun {
  Params: { id: string };
}

export function runRoutes(app: FastifyInstance, { home, frame }: StudioContext): void {
  const readEvents = createEventReader();
  const runList = (of: string) => ({ runs: runRows(of, readEvents), unreadable: unreadableRuns(of) });

  app.get('/runs', (request, reply) => sendPage(reply, RunsPage({ frame: frame(request), ...runList(home) })));

  app.get('/runs/changes', (request, reply) =>
    sendChanges(
      request,
      reply,
      () => runsStamp(home),
      () => ({ list: RunList(runList(home)) }),
    ),
  );

  app.get<OfRun>('/runs/:id', (request, reply) => {
    const view = runView(home, findRun(home, request.params.id), readEvents);
    return sendPage(reply, RunPage({ frame: frame(request), view }));
  });

  app.get<OfRun>('/runs/:id/changes', (request, reply) => {
    const run = findRun(home, request.params.id);
    const { csrf } = frame(request);
    sendChanges(
      request,
      reply,
      () => runStamp(run),
      () => liveParts(runView(home, run, readEvents), csrf),
    );
  });

  app.post<OfRun>('/runs/:id/stop', (request, reply) => {
    stopJob(findRun(home, request.params.id), 'studio');
    return reply.redirect(runPath(request.params.id), 303);
  });

  app.post<OfRun>('/runs/:id/resume', async (request, reply) => {
    await resume(home, findRun(home, request.params.id), () => undefined);
    return reply.redirect(runPath(request.params.id), 303);
  });
}
