/** Starting a run from a recipe in the browser: checked as it is written, kept when it was changed, prepared while the page waits. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { checkRecipeText, keepRecipe, listRecipes } from '../../flow/author/edit-recipe.js';
import { recipeFields, withSetting } from '../../flow/author/setting-fields.js';
import type { Reporter } from '../../flow/reporter.js';
import { readApart } from '../../flow/rows/read-apart.js';
import { readyModel } from '../../flow/tune/ready-model.js';
import { startRun } from '../../flow/tune/start-run.js';
import { parseRequest } from '../../http/parse-request.js';
import { AppError } from '../../protocol/errors.js';
import { sha256Text } from '../../store/hash.js';
import { readRecipe } from '../../tune/read-recipe.js';
import { PreparingPage } from '../../web/pages/preparing-page.js';
import { FindingList, StartPage } from '../../web/pages/start/start-page.js';
import { FormFields } from '../../web/parts/form-fields.js';
import { gatePath, runPath, startPath } from '../../web/paths.js';
import { renderPart } from '../../web/render-page.js';
import { EditedText, knownRecipe } from '../edited-text.js';
import { sendPage } from '../send-page.js';
import type { StudioContext } from '../studio-context.js';

const Edited = z.object({
  recipe: z.string(),
  text: EditedText,
  action: z.enum(['check', 'start', 'gate']).default('start'),
  form_id: z.uuid().default(randomUUID),
  /** Of a setting that was changed in its field. */
  path: z.string().max(100).optional(),
  value: z.string().max(2000).default(''),
});

export function startRoutes(app: FastifyInstance, { home, frame, data_folders, preparings }: StudioContext): void {
  app.get<{ Querystring: { recipe?: string } }>('/start', async (request, reply) => {
    const recipes = listRecipes(home);
    const chosen = request.query.recipe === undefined ? (recipes[0] ?? null) : knownRecipe(home, request.query.recipe);
    const text = chosen ? readFileSync(chosen, 'utf8') : '';
    const findings = chosen ? await checkRecipeText(home, chosen, text, data_folders) : null;
    return sendPage(
      reply,
      StartPage({
        frame: frame(request),
        recipes,
        chosen,
        text,
        findings,
        fields: recipeFields(home, text, findings?.training ?? null),
        form_id: randomUUID(),
      }),
    );
  });

  /** The text with a setting as it was typed, and the parts of the page that follow from it. */
  app.post('/start/check', async (request) => {
    const { recipe, text: typed, path, value } = parseRequest(Edited, request.body);
    const file = knownRecipe(home, recipe);
    const text = path === undefined ? typed : withSetting(typed, path, value);
    const findings = await checkRecipeText(home, file, text, data_folders);
    return {
      text,
      findings: renderPart(FindingList({ findings })),
      settings: renderPart(FormFields({ fields: recipeFields(home, text, findings.training) })),
      is_ready: findings.problems.length === 0,
    };
  });

  app.post('/start', async (request, reply) => {
    const { recipe, text, action, form_id } = parseRequest(Edited, request.body);
    const recipes = listRecipes(home);
    const chosen = knownRecipe(home, recipe);
    const findings = await checkRecipeText(home, chosen, text, data_folders);
    if (action === 'gate' && findings.training) return reply.redirect(gatePath(keepRecipe(home, chosen, text)), 303);
    if (action !== 'start' || findings.problems.length > 0) {
      if (findings.problems.length > 0 && action !== 'check') reply.status(400);
      return sendPage(
        reply,
        StartPage({
          frame: { ...frame(request), path: '/start' },
          recipes,
          chosen,
          text,
          findings,
          fields: recipeFields(home, text, findings.training),
          form_id,
        }),
      );
    }
    const id = sha256Text(`${form_id} ${chosen} ${text}`).slice(0, 32);
    const kept = keepRecipe(home, chosen, text);
    const back = startPath(chosen);
    preparings.start(id, { title: 'the run', about: kept, back }, async (reporter) =>
      runPath(basename(await startFrom(home, kept, reporter))),
    );
    return reply.redirect(`/starting/${id}`, 303);
  });

  app.get<{ Params: { id: string } }>('/starting/:id', (request, reply) => {
    const preparing = preparings.find(request.params.id);
    if (!preparing) throw new AppError('page-not-found', { path: request.url });
    return preparing.path ? reply.redirect(preparing.path, 303) : sendPage(reply, PreparingPage({ frame: frame(request), preparing }));
  });
}

/** @returns the run's folder, as soon as it is being trained */
async function startFrom(home: string, recipe: string, reporter: Reporter): Promise<string> {
  const loaded = readRecipe(recipe);
  const splits = await readApart('splits', loaded);
  const ready = await readyModel(home, loaded, reporter, { offline: false });
  return (await startRun(home, { loaded, splits, ready, fresh: true }, reporter)).run;
}
