/** From a tuned run to a verdict: served, measured under the gate, judged. */
import { basename } from 'node:path';
import { resolveCandidates } from '../../compare/candidates.js';
import { type Comparison, comparisonId, judgeComparison, openComparison } from '../../compare/comparison.js';
import { listServedModels } from '../../compare/evidence/ask.js';
import { measureComparison } from '../../compare/measure.js';
import type { LoadedGate } from '../../compare/read-gate.js';
import type { Splits } from '../../data/splits.js';
import type { Endpoint, ServedModel } from '../../protocol/endpoint.js';
import { AppError } from '../../protocol/errors.js';
import type { Verdict } from '../../protocol/verdict.js';
import { serveModels } from '../../run/serve-models.js';
import { probeMachine } from '../../tune/plan/machine.js';
import type { LoadedRecipe } from '../../tune/read-recipe.js';
import type { Reporter } from '../reporter.js';
import { servedRun } from './served-run.js';

/** Room for eight examples, rules, a report and its record. */
export const MEASURE_CONTEXT_LENGTH = 2048;
/** One thread each: answers must not depend on the machine's number of cores, and a second thread gains nothing. */
export const MEASURE_THREADS = 1;

/** @throws AppError those of serving and measuring */
export async function measureRecipe(
  home: string,
  {
    loaded,
    splits,
    gate,
    run,
    model_folder,
  }: { loaded: LoadedRecipe; splits: Splits; gate: LoadedGate; run: string; model_folder: string },
  reporter: Reporter,
): Promise<{ comparison: Comparison; verdict: Verdict }> {
  const numEngines = Math.min(2, probeMachine(home).num_cores);

  reporter.stage('serve', 'base and adapter from llama.cpp');
  const server = await serveModels(home, {
    model_folder,
    runs: [servedRun(run)],
    port: 0,
    num_engines: numEngines,
    num_threads: MEASURE_THREADS,
    context_length: MEASURE_CONTEXT_LENGTH,
    onProgress: reporter.progress,
  });
  try {
    reporter.done(`${server.base_url}, ${numEngines} engines with ${MEASURE_THREADS} thread each; parity gate passed`);
    const served = await servedByName({ base_url: server.base_url, model: '' });
    const names: Record<string, string> = { base: server.entries[0]?.id ?? '', tuned: basename(run) };
    const modelOf = (name: string): ServedModel => {
      const entry = served.get(names[name] ?? name);
      if (!entry) throw new AppError('model-not-found', { model: name, known: ['base', 'tuned', ...served.keys()].join(', ') });
      return entry.model;
    };
    const candidates = resolveCandidates(gate.gate, modelOf, splits.train);
    const comparison = openComparison(home, basename(loaded.file).replace(/\.ya?ml$/, ''), gate, candidates, splits.test);
    reporter.stage(
      'measure',
      `${comparisonId(comparison)}: ${candidates.length} candidates on ${splits.test.length} rows, gate ${gate.sha256.slice(0, 12)}…`,
    );
    await measureComparison(comparison, served, numEngines, (stage, done, total) =>
      reporter.progress(`${stage} ${done} of ${total}`, done / total),
    );
    reporter.done(`evidence in ${comparison.folder}`);
    return { comparison, verdict: judgeComparison(comparison) };
  } finally {
    await server.close();
  }
}

/** Every model of an endpoint, by id. */
export async function servedByName(endpoint: Endpoint): Promise<Map<string, { endpoint: Endpoint; model: ServedModel }>> {
  const models = await listServedModels(endpoint);
  return new Map(models.map((model) => [model.id, { endpoint: { ...endpoint, model: model.id }, model }]));
}
