/** Files of rows in the browser: dropped or opened, assigned, cleaned, and made into a recipe. */
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { freeUpload, keepUpload, listDataFiles, MAX_UPLOAD_BYTES, refuseFileElsewhere } from '../../flow/author/data-files.js';
import { newRecipe } from '../../flow/author/new-recipe.js';
import { readApart } from '../../flow/rows/read-apart.js';
import { parseRequest } from '../../http/parse-request.js';
import { METHOD_NAMES } from '../../protocol/methods/methods.js';
import { sha256Value } from '../../store/hash.js';
import { recipesFolder } from '../../store/home.js';
import { openedRows } from '../../store/ledger.js';
import { type AskedReading, DataFilePage } from '../../web/pages/data/data-file-page.js';
import { DataPage } from '../../web/pages/data/data-page.js';
import { dataFilePath, startPath } from '../../web/paths.js';
import { sendPage } from '../send-page.js';
import type { StudioContext } from '../studio-context.js';
import { columnsOf, dataFileView } from '../views/data-view.js';

/** Forms send line ends of a template as CRLF. */
const text = z
  .string()
  .max(2000)
  .transform((value) => value.replace(/\r\n/g, '\n'))
  .default('');
const Asked = z.object({
  path: z.string().min(1),
  prompt: text,
  completion: text,
  system: text,
  messages: text,
  group: text,
  model: z.string().default('smollm2-135m-instruct'),
  method: z.enum(['', ...METHOD_NAMES]).default(''),
  allow: z.literal('true').optional(),
  left_out: z.coerce.number().int().min(0).default(0),
});

/** In a command it stands without quotes. */
const stemOf = (file: string) =>
  basename(file)
    .replace(/\.(jsonl?|ndjson|csv|tsv|parquet)(\.gz)?$/i, '')
    .replace(/[^\p{L}\p{N}._-]+/gu, '-');

export function dataRoutes(app: FastifyInstance, { home, frame, data_folders }: StudioContext): void {
  // The bytes are read as they come; keepUpload counts them.
  app.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));

  const asked = (given: unknown): AskedReading => {
    const { allow, ...reading } = parseRequest(Asked, given);
    refuseFileElsewhere('path', reading.path, [...data_folders, home]);
    return { ...reading, allow: allow === 'true' };
  };

  app.get('/data', (request, reply) =>
    sendPage(
      reply,
      DataPage({ frame: frame(request), files: listDataFiles(home, data_folders), folders: data_folders, max_bytes: MAX_UPLOAD_BYTES }),
    ),
  );

  app.get('/data/file', async (request, reply) =>
    sendPage(reply, DataFilePage({ frame: frame(request), view: await dataFileView(home, asked(request.query)) })),
  );

  app.post('/data/upload', { bodyLimit: MAX_UPLOAD_BYTES }, async (request) => {
    const { name } = parseRequest(z.object({ name: z.string().min(1).max(1000) }), request.query);
    return { url: dataFilePath(await keepUpload(home, name, request.body as Readable)) };
  });

  app.post('/data/clean', async (request, reply) => {
    const reading = asked(request.body);
    const out = freeUpload(home, `${stemOf(reading.path)}-clean.jsonl`);
    const { num_left_out } = await readApart('clean', { file: reading.path, out, columns: columnsOf(reading) });
    const { prompt, completion, system, messages, group, model, method } = reading;
    const kept = new URLSearchParams({
      path: out,
      prompt,
      completion,
      system,
      messages,
      group,
      model,
      method,
      left_out: String(num_left_out),
    });
    return reply.redirect(`/data/file?${kept}`, 303);
  });

  app.post('/data/recipe', async (request, reply) => {
    const reading = asked(request.body);
    const { path: file, group, model, method, allow } = reading;
    const { recipe } = await newRecipe(file, {
      columns: columnsOf(reading),
      group: group === '' || group === '-' ? false : group,
      model,
      method: method || undefined,
      name: join(recipesFolder(home), `${stemOf(file)}-${sha256Value(reading).slice(0, 6)}`),
      force: true,
      were_test: openedRows(home),
      allow_near_duplicates: allow,
    });
    return reply.redirect(startPath(recipe), 303);
  });
}
