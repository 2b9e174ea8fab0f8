/** Two models, adapters or endpoints on the same rows, each judged in turn as the challenger of the other. */
import { basename, resolve } from 'node:path';
import { chooseMetric } from '../../compare/choose-metric.js';
import type { Comparison } from '../../compare/comparison.js';
import { checkedGate } from '../../compare/read-gate.js';
import { readRows } from '../../data/read-rows.js';
import type { ComparisonRecord } from '../../protocol/comparison.js';
import { AppError } from '../../protocol/errors.js';
import { Gate } from '../../protocol/gate.js';
import type { Row } from '../../protocol/row.js';
import type { Verdict } from '../../protocol/verdict.js';
import { findRunIfAny } from '../../store/runs.js';
import { readPlan } from '../../tune/read-plan.js';
import type { Reporter } from '../reporter.js';
import { openForMeasuring } from './open.js';
import { runTestRows } from './open-run.js';
import { endpointRef } from './served.js';

/** A model id, a run, or an endpoint written as `http://host:port/v1#model`. */
type Side =
  | { kind: 'model'; id: string }
  | { kind: 'run'; folder: string; base: string; id: string }
  | { kind: 'endpoint'; base_url: string; model: string };

/**
 * @param testFile rows to measure on; without one those that a run has set aside
 * @throws AppError option-invalid, candidates-identical, data-empty without rows to measure on, and those of opening
 */
export async function openTwoWay(
  home: string,
  { a, b, testFile }: { a: string; b: string; testFile?: string | undefined },
  reporter: Reporter,
): Promise<Comparison> {
  const sides = [parseSide(home, a), parseSide(home, b)] as const;
  const test = testFile ? (await readRows(resolve(testFile), 'chat')).rows : testRowsOf(sides);
  return await openForMeasuring(
    home,
    {
      name: 'two',
      gate: checkedGate(twoWayGate(test)),
      train: [],
      test,
      names: { a: refOf(sides[0]), b: refOf(sides[1]) },
      local: localOf(sides),
      endpoints: sides.flatMap((side) => (side.kind === 'endpoint' ? [{ base_url: side.base_url, model: side.model }] : [])),
      challengers: ['a', 'b'],
    },
    reporter,
  );
}

/** What the two verdicts mean together. */
export function concludeTwoWay(verdicts: Verdict[], a: string, b: string): string {
  const shipped = verdicts.find(({ decision }) => decision === 'ship');
  if (!shipped) return 'no difference shown: choose by price or licence';
  return `${shipped.challenger === 'a' ? a : b} is better`;
}

/** No margin, no guardrails; both ways are looks at the same evidence. */
function twoWayGate(test: Row[]): Gate {
  const choice = chooseMetric(test);
  return Gate.parse({
    challenger: 'a',
    baselines: ['b'],
    metric: choice.metric,
    margin: 0,
    looks: 2,
    guardrails: {},
    candidates: { a: { model: 'a' }, b: { model: 'b' } },
    ...(choice.metric === 'exact_match' ? { schema: choice.schema } : {}),
    ...(choice.metric === 'accuracy' ? { labels: choice.labels } : {}),
  });
}

function parseSide(home: string, text: string): Side {
  if (/^https?:\/\//.test(text)) {
    const [base_url, model] = text.split('#');
    if (!base_url || !model) {
      const problem = 'an endpoint is written as http://host:port/v1#model';
      throw new AppError('option-invalid', { option: text, problem, command: 'compare' });
    }
    return { kind: 'endpoint', base_url: base_url.replace(/\/$/, ''), model };
  }
  const folder = findRunIfAny(home, text);
  return folder ? { kind: 'run', folder, base: readPlan(folder).models.policy.id, id: basename(folder) } : { kind: 'model', id: text };
}

function refOf(side: Side): string {
  return side.kind === 'endpoint' ? endpointRef(side, side.model) : side.id;
}

function testRowsOf(sides: readonly Side[]): Row[] {
  const tuned = sides.find((side) => side.kind === 'run');
  if (tuned) return runTestRows(tuned.folder);
  throw new AppError('option-invalid', { option: '--test', problem: 'name the rows to measure on', command: 'compare' });
}

function localOf(sides: readonly Side[]): ComparisonRecord['local'] {
  const local = sides.filter((side) => side.kind !== 'endpoint');
  const [model, other] = [...new Set(local.map((side) => (side.kind === 'run' ? side.base : side.id)))];
  if (!model) return null;
  if (other) {
    const problem = 'two base models need two servers: start `slipway serve` for one and name it as an endpoint';
    throw new AppError('option-invalid', { option: `${model} and ${other}`, problem, command: 'compare' });
  }
  return { model, runs: local.flatMap((side) => (side.kind === 'run' ? [side.id] : [])) };
}
