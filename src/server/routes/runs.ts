/** Runs: the list, each one's page, their changes as they come, and stop and resume. */
import { basename } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { resume } from '../../flow/tune/start-run.js';
import { parseRequest } from '../../http/parse-request.js';
import { RunLabel } from '../../protocol/run-label.js';
import { writeJson } from '../../store/files.js';
import { runFiles } from '../../store/home.js';
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

/** Of an address; what is not known is left out. */
const Looked = z
  .object({ with: z.union([z.string(), z.array(z.string())]).catch([]), scale: z.string().catch('') })
  .transform(({ with: beside, scale }) => ({ beside: [beside].flat(), is_log: scale === 'log' }));
/** Forms send line ends as CRLF. */
const Labelled = z
  .object({ name: RunLabel.shape.name, note: RunLabel.shape.note })
  .transform(({ name, note }) => ({ name: name.trim(), note: note.replace(/\r\n/g, '\n').trim() }));

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
    const view = runView(home, findRun(home, request.params.id), readEvents, Looked.parse(request.query));
    return sendPage(reply, RunPage({ frame: frame(request), view }));
  });

  app.get<OfRun>('/runs/:id/changes', (request, reply) => {
    const run = findRun(home, request.params.id);
    const { csrf } = frame(request);
    const looked = Looked.parse(request.query);
    sendChanges(
      request,
      reply,
      () => runStamp(run),
      () => liveParts(runView(home, run, readEvents, looked), csrf),
    );
  });

  app.post<OfRun>('/runs/:id/label', (request, reply) => {
    const run = findRun(home, request.params.id);
    writeJson(runFiles(run).label, parseRequest(Labelled, request.body));
    return reply.redirect(runPath(basename(run)), 303);
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
