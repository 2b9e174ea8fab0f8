/** The gate of a recipe as a form: the rule in plain words, checked as it is written, kept when it was changed. */
import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { checkGateText, keepGate, keepWithGate, loadGateText, type OpenedGate, openGate } from '../../flow/author/edit-gate.js';
import { gateFields, withGateField } from '../../flow/author/gate-fields.js';
import { startMeasuring } from '../../flow/compare/measure.js';
import { openRunAgain, runTestRows } from '../../flow/compare/open-run.js';
import { readApart } from '../../flow/rows/read-apart.js';
import { parseRequest } from '../../http/parse-request.js';
import { type ComparedRow, comparedRows } from '../../protocol/row.js';
import { findRun } from '../../store/runs.js';
import { GatePage } from '../../web/pages/start/gate-page.js';
import { FindingList } from '../../web/pages/start/start-page.js';
import { FormFields } from '../../web/parts/form-fields.js';
import { comparisonIdPath, gatePath, startPath } from '../../web/paths.js';
import { renderPart } from '../../web/render-page.js';
import { EditedText, knownRecipe } from '../edited-text.js';
import { sendPage } from '../send-page.js';
import type { StudioContext } from '../studio-context.js';

const Opened = z.object({ recipe: z.string(), run: z.string().default('') });
const Edited = Opened.extend({
  text: EditedText,
  form_id: z.uuid().default(randomUUID),
  /** Of a value that was changed in its field. */
  path: z.string().max(100).optional(),
  value: z.string().max(2000).default(''),
});

export function gateRoutes(app: FastifyInstance, { home, frame, data_folders, preparings }: StudioContext): void {
  const opened = (recipe: string): OpenedGate => openGate(home, knownRecipe(home, recipe), data_folders);
  const checked = async (gate: OpenedGate, run: string, text: string) =>
    checkGateText(home, { opened: gate, text, test: await testRows(gate, run), folders: data_folders });
  const testRows = async ({ recipe }: OpenedGate, run: string): Promise<ComparedRow[]> =>
    run === '' ? comparedRows((await readApart('splits', recipe)).test) : runTestRows(findRun(home, run));

  app.get('/gate', async (request, reply) => {
    const { recipe, run } = parseRequest(Opened, request.query);
    const gate = opened(recipe);
    const { text, metrics } = gate;
    const findings = await checked(gate, run, text);
    return sendPage(
      reply,
      GatePage({ frame: frame(request), recipe, run, text, findings, fields: gateFields(text, metrics), form_id: randomUUID() }),
    );
  });

  app.post('/gate/check', async (request) => {
    const { recipe, run, text: typed, path, value } = parseRequest(Edited, request.body);
    const gate = opened(recipe);
    const text = path === undefined ? typed : withGateField(typed, path, value);
    const findings = await checked(gate, run, text);
    return {
      text,
      findings: renderPart(FindingList({ findings })),
      settings: renderPart(FormFields({ fields: gateFields(text, gate.metrics) })),
      is_ready: findings.problems.length === 0,
    };
  });

  app.post('/gate', async (request, reply) => {
    const { recipe, run, text, form_id } = parseRequest(Edited, request.body);
    const gate = opened(recipe);
    const findings = await checked(gate, run, text);
    if (findings.problems.length > 0) {
      reply.status(400);
      const path = gatePath(recipe, run || undefined);
      return sendPage(
        reply,
        GatePage({ frame: { ...frame(request), path }, recipe, run, text, findings, fields: gateFields(text, gate.metrics), form_id }),
      );
    }
    const kept = keepGate(home, gate, text);
    if (run === '') return reply.redirect(startPath(keepWithGate(home, gate, kept)), 303);
    const folder = findRun(home, run);
    const about = `${basename(folder)} under ${basename(kept)}`;
    preparings.start(form_id, { title: 'the comparison', about, back: gatePath(recipe, run) }, async (reporter) => {
      const comparison = await openRunAgain(folder, reporter, loadGateText(home, gate, text, data_folders));
      await startMeasuring(comparison);
      return comparisonIdPath(basename(comparison.folder));
    });
    return reply.redirect(`/starting/${form_id}`, 303);
  });
}
