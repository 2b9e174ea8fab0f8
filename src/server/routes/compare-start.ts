/** Beginning a comparison in the browser: of a run under its recipe's gate, or of any two on the same rows. */
import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { listDataFiles, refuseFileElsewhere } from '../../flow/author/data-files.js';
import { twoWayFields } from '../../flow/author/gate-fields.js';
import { startMeasuring } from '../../flow/compare/measure.js';
import { openRunAgain } from '../../flow/compare/open-run.js';
import { openTwoWay } from '../../flow/compare/open-two.js';
import { parseRequest } from '../../http/parse-request.js';
import { listModels } from '../../run/weights/resolve-model.js';
import { listEndpoints } from '../../store/endpoints.js';
import { runFolder } from '../../store/home.js';
import { findRun, listRuns } from '../../store/runs.js';
import { readStatus } from '../../tune/launch/attempts.js';
import { NewComparisonPage } from '../../web/pages/compare/new-comparison-page.js';
import { comparisonIdPath, runPath } from '../../web/paths.js';
import { sendPage } from '../send-page.js';
import type { StudioContext } from '../studio-context.js';

const Asked = z.object({
  a: z.string().min(1, 'choose a model or a run'),
  b: z.string().min(1, 'choose a model or a run'),
  test: z.string().default(''),
  system_a: z.string().max(8000).default(''),
  system_b: z.string().max(8000).default(''),
  allow: z.literal('true').optional(),
  form_id: z.uuid().default(randomUUID),
});

/** What was typed into the fields of the rule. */
function typedRule(body: unknown): [string, string][] {
  const typed = z.record(z.string(), z.unknown()).parse(body);
  return twoWayFields().flatMap(({ path }): [string, string][] => {
    const value = parseRequest(z.string().max(2000).default(''), typed[path]);
    return value.trim() === '' ? [] : [[path, value]];
  });
}

export function compareStartRoutes(app: FastifyInstance, { home, frame, data_folders, preparings }: StudioContext): void {
  app.get<{ Querystring: { a?: string } }>('/comparisons/new', (request, reply) =>
    sendPage(
      reply,
      NewComparisonPage({
        frame: frame(request),
        models: listModels(home).map(({ id }) => id),
        runs: listRuns(home).flatMap(({ id }) => (readStatus(runFolder(home, id)) === 'done' ? [id] : [])),
        endpoints: listEndpoints(home).endpoints.map(({ name, base_url }) => ({ name, base_url })),
        files: listDataFiles(home, data_folders).map(({ path }) => path),
        rule: twoWayFields(),
        chosen: request.query.a ?? '',
        form_id: randomUUID(),
      }),
    ),
  );

  app.post('/comparisons/new', (request, reply) => {
    const { a, b, test, system_a, system_b, allow, form_id } = parseRequest(Asked, request.body);
    const rule = typedRule(request.body);
    if (test !== '') refuseFileElsewhere('test', test, [...data_folders, home]);
    const scoring = rule.find(([path]) => path === 'function.file');
    if (scoring) refuseFileElsewhere('function.file', scoring[1], [...data_folders, home]);
    const about = `${a} and ${b}, on ${test === '' ? 'the test rows of the run' : test}`;
    preparings.start(form_id, { title: 'the comparison', about, back: '/comparisons/new' }, async (reporter) => {
      const asked = {
        a,
        b,
        testFile: test || undefined,
        reading: {},
        allows_near_duplicates: allow === 'true',
        systems: [system_a.trim() || undefined, system_b.trim() || undefined] as [string | undefined, string | undefined],
        rule,
        keyOf: () => null,
      };
      const comparison = await openTwoWay(home, asked, reporter);
      await startMeasuring(comparison);
      return comparisonIdPath(basename(comparison.folder));
    });
    return reply.redirect(`/starting/${form_id}`, 303);
  });

  app.post<{ Params: { id: string } }>('/runs/:id/compare', (request, reply) => {
    const run = findRun(home, request.params.id);
    const id = randomUUID();
    const about = `${basename(run)} under the gate of its recipe`;
    preparings.start(id, { title: 'the comparison', about, back: runPath(basename(run)) }, async (reporter) => {
      const comparison = await openRunAgain(run, reporter);
      await startMeasuring(comparison);
      return comparisonIdPath(basename(comparison.folder));
    });
    return reply.redirect(`/starting/${id}`, 303);
  });
}
