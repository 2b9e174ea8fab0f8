/** slipway serve [RUN…] */

import { AppError } from '../../protocol/errors.js';
import { Plan } from '../../protocol/plan.js';
import { serveModels } from '../../run/serve-models.js';
import { DEFAULT_SERVED_MEAN_LIMIT } from '../../run/weights/build-adapter.js';
import { importedModel, listModels } from '../../run/weights/resolve-model.js';
import { readJson } from '../../store/files.js';
import { attemptFiles, runFiles, runFolder, slipwayHome } from '../../store/home.js';
import { findRun, lastAttempt, listRuns, readRunStatus } from '../../store/runs.js';
import { readRecipe } from '../../tune/read-recipe.js';
import { printJson, wholeNumber } from '../options.js';
import { terminalReporter } from '../terminal-reporter.js';

interface ServeOptions {
  model?: string;
  port: string;
  engines: string;
  threads: string;
  contextLength: string;
  json?: boolean;
}

export async function serveCommand(ids: string[], options: ServeOptions): Promise<void> {
  const home = slipwayHome();
  const runs = ids.length > 0 ? ids.map((id) => findRun(home, id)) : options.model ? [] : newestDone(home);
  const bases = runs.map((run) => readJson(attemptFiles(lastAttempt(run) ?? '').plan, Plan).model.id);
  const base = options.model ?? bases[0] ?? listModels(home)[0]?.id;
  if (!base)
    throw new AppError('model-not-found', { model: 'to serve', known: 'none yet: run `slipway go recipes/quickstart.yaml` first' });
  const other = bases.find((id) => id !== base);
  if (other)
    throw new AppError('option-invalid', {
      option: 'RUN',
      problem: `adapters of ${base} and of ${other} need two servers`,
      command: 'serve',
    });
  const reporter = terminalReporter(options.json ? process.stderr : process.stdout);
  reporter.stage('serve', base);
  const server = await serveModels(home, {
    model_folder: importedModel(home, base),
    runs,
    port: wholeNumber('--port', options.port, 0, 'serve'),
    num_engines: wholeNumber('--engines', options.engines, 1, 'serve'),
    num_threads: wholeNumber('--threads', options.threads, 1, 'serve'),
    context_length: wholeNumber('--context-length', options.contextLength, 256, 'serve'),
    served_mean_limit: servedMeanLimit(runs[0]),
    onProgress: reporter.progress,
  });
  reporter.done(server.base_url);
  const models = server.entries.map(({ id }) => id);
  if (options.json) printJson({ base_url: server.base_url, models });
  else process.stdout.write(howToAsk(server.base_url, models));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void server.close().then(() => process.exit(0)));
  }
}

function newestDone(home: string): string[] {
  const done = listRuns(home)
    .map(({ id }) => runFolder(home, id))
    .find((run) => readRunStatus(run) === 'done');
  return done ? [done] : [];
}

function servedMeanLimit(run: string | undefined): number {
  const limit = run ? readRecipe(runFiles(run).recipe).recipe.parity?.served_mean_nats : undefined;
  return limit ?? DEFAULT_SERVED_MEAN_LIMIT;
}

function howToAsk(baseUrl: string, models: string[]): string {
  const body = JSON.stringify({ model: models.at(-1), messages: [{ role: 'user', content: 'Hello' }] });
  return [
    '',
    `  models: ${models.join(', ')}`,
    `  curl ${baseUrl}/chat/completions -H 'content-type: application/json' -d '${body}'`,
    '  Ctrl-C ends it.',
    '',
  ].join('\n');
}
