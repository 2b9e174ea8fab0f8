/** Two models, adapters or endpoints on the same rows, each judged in turn as the challenger of the other. */
import { basename, resolve } from 'node:path';
import { resolveCandidates } from '../../compare/candidates.js';
import { chooseMetric } from '../../compare/choose-metric.js';
import { type Comparison, judgeComparison, openComparison } from '../../compare/comparison.js';
import { measureComparison } from '../../compare/measure.js';
import { checkedGate } from '../../compare/read-gate.js';
import { readRows } from '../../data/read-rows.js';
import type { Endpoint, ServedModel } from '../../protocol/endpoint.js';
import { AppError } from '../../protocol/errors.js';
import { Gate } from '../../protocol/gate.js';
import { Row } from '../../protocol/row.js';
import type { Verdict } from '../../protocol/verdict.js';
import { serveModels } from '../../run/serve-models.js';
import { importedModel } from '../../run/weights/resolve-model.js';
import { readLines } from '../../store/files.js';
import { runFiles } from '../../store/home.js';
import { findRunIfAny } from '../../store/runs.js';
import { probeMachine } from '../../tune/plan/machine.js';
import { readPlan } from '../../tune/read-plan.js';
import type { Reporter } from '../reporter.js';
import { MEASURE_CONTEXT_LENGTH, MEASURE_THREADS, servedByName } from './measure-recipe.js';
import { servedRun } from './served-run.js';

/** A model id, a run, or an endpoint written as `http://host:port/v1#model`. */
type Side =
  | { kind: 'model'; id: string }
  | { kind: 'run'; run: string; base: string; id: string }
  | { kind: 'endpoint'; endpoint: Endpoint };

export interface Compared {
  comparison: Comparison;
  verdicts: [Verdict, Verdict];
  conclusion: string;
}

/** @throws AppError candidates-identical, data-empty without rows to measure on, and those of serving and measuring */
export async function compareTwo(home: string, a: string, b: string, testFile: string | undefined, reporter: Reporter): Promise<Compared> {
  const sides = [parseSide(home, a), parseSide(home, b)] as const;
  const test = testFile ? (await readRows(resolve(testFile), 'chat')).rows : runTest(sides);
  const gate = checkedGate(twoWayGate(test));
  const numEngines = Math.min(2, probeMachine(home).num_cores);
  reporter.stage('serve', `${a} and ${b}`);
  const server = await serveLocal(home, sides, numEngines, reporter);
  try {
    const served = new Map(server ? await servedByName({ base_url: server.base_url, model: '' }) : []);
    for (const side of sides) {
      if (side.kind !== 'endpoint') continue;
      for (const [id, entry] of await servedByName(side.endpoint)) served.set(`${side.endpoint.base_url}#${id}`, entry);
    }
    reporter.done(server?.base_url ?? 'remote endpoints');
    const keys: Record<string, string> = { a: sideKey(sides[0]), b: sideKey(sides[1]) };
    const modelOf = (name: string): ServedModel => {
      const entry = served.get(keys[name] ?? name);
      if (!entry) throw new AppError('model-not-found', { model: keys[name] ?? name, known: [...served.keys()].join(', ') });
      return { ...entry.model, id: keys[name] ?? name };
    };
    const candidates = resolveCandidates(gate.gate, modelOf, []);
    const comparison = openComparison(home, 'two', gate, candidates, test);
    reporter.stage('measure', `2 candidates on ${test.length} rows`);
    await measureComparison(comparison, served, numEngines, (stage, done, total) =>
      reporter.progress(`${stage} ${done} of ${total}`, done / total),
    );
    reporter.done(`evidence in ${comparison.folder}`);
    const verdicts: Compared['verdicts'] = [judgeComparison(comparison, 'a'), judgeComparison(comparison, 'b')];
    return { comparison, verdicts, conclusion: conclude(verdicts, a, b) };
  } finally {
    await server?.close();
  }
}

/** No margin, no guardrails; both ways are looks at the same evidence. */
function twoWayGate(test: Row[]): Gate {
  const chosen = chooseMetric(test);
  return Gate.parse({
    challenger: 'a',
    baselines: ['b'],
    metric: chosen.metric,
    margin: 0,
    looks: 2,
    guardrails: {},
    candidates: { a: { model: 'a' }, b: { model: 'b' } },
    ...(chosen.metric === 'exact_match' ? { schema: chosen.schema } : {}),
    ...(chosen.metric === 'accuracy' ? { labels: chosen.labels } : {}),
  });
}

function conclude([first, second]: Compared['verdicts'], a: string, b: string): string {
  if (first.decision === 'ship') return `${a} is better`;
  if (second.decision === 'ship') return `${b} is better`;
  return 'no difference shown: choose by price or licence';
}

function parseSide(home: string, text: string): Side {
  if (/^https?:\/\//.test(text)) {
    const [base_url, model] = text.split('#');
    if (!base_url || !model)
      throw new AppError('option-invalid', {
        option: text,
        problem: 'an endpoint is written as http://host:port/v1#model',
        command: 'compare',
      });
    return { kind: 'endpoint', endpoint: { base_url: base_url.replace(/\/$/, ''), model } };
  }
  const run = findRunIfAny(home, text);
  if (!run) return { kind: 'model', id: text };
  return { kind: 'run', run, base: readPlan(run).models.policy.id, id: basename(run) };
}

function sideKey(side: Side): string {
  return side.kind === 'endpoint' ? `${side.endpoint.base_url}#${side.endpoint.model}` : side.id;
}

/** The test rows that were set aside when the run was made; the recipe and its files may have changed since. */
function runTest(sides: readonly Side[]): Row[] {
  const tuned = sides.find((side) => side.kind === 'run');
  if (!tuned) throw new AppError('option-invalid', { option: '--test', problem: 'say which rows to measure on', command: 'compare' });
  const test = readLines(runFiles(tuned.run).test, Row);
  if (test.length === 0) throw new AppError('data-empty', { file: 'test' });
  return test;
}

async function serveLocal(home: string, sides: readonly Side[], num_engines: number, reporter: Reporter) {
  const bases = [...new Set(sides.flatMap((side) => (side.kind === 'endpoint' ? [] : [side.kind === 'run' ? side.base : side.id])))];
  if (bases.length === 0) return null;
  if (bases.length > 1) {
    throw new AppError('option-invalid', {
      option: bases.join(' and '),
      problem: 'two base models need two servers: start `slipway serve` for one and name it as an endpoint',
      command: 'compare',
    });
  }
  return await serveModels(home, {
    model_folder: importedModel(home, bases[0] as string),
    runs: sides.flatMap((side) => (side.kind === 'run' ? [servedRun(side.run)] : [])),
    port: 0,
    num_engines,
    num_threads: MEASURE_THREADS,
    context_length: MEASURE_CONTEXT_LENGTH,
    onProgress: reporter.progress,
  });
}
