/** Two models, adapters or endpoints on the same rows, each judged in turn as the challenger of the other. */
import { basename } from 'node:path';
import { answerTokens, decodingConstraint, systemPrompt } from '../../compare/answer-prompt.js';
import { chooseMetric } from '../../compare/choose-metric.js';
import type { Comparison } from '../../compare/comparison.js';
import { type LoadedGate, parseGate } from '../../compare/read-gate.js';
import type { FileReading } from '../../data/read-rows.js';
import type { ComparisonRecord } from '../../protocol/comparison.js';
import { isOnThisMachine } from '../../protocol/endpoint.js';
import { AppError } from '../../protocol/errors.js';
import { Gate } from '../../protocol/gate.js';
import { gatePrice, type Price } from '../../protocol/price.js';
import type { ComparedRow } from '../../protocol/row.js';
import { RunRecord } from '../../protocol/run.js';
import { isRewardModel } from '../../run/weights/build-adapter.js';
import { importedModel } from '../../run/weights/resolve-model.js';
import { findEndpoint } from '../../store/endpoints.js';
import { readJson } from '../../store/files.js';
import { nameOfRecipe, runFiles } from '../../store/home.js';
import { homePrice } from '../../store/price.js';
import { findRunIfAny } from '../../store/runs.js';
import { readPlan } from '../../tune/read-plan.js';
import { twoWayFields, withGateField } from '../author/gate-fields.js';
import type { Reporter } from '../reporter.js';
import { readApart } from '../rows/read-apart.js';
import { openForMeasuring } from './open.js';
import { runTestRows } from './open-run.js';
import { refuseTrainedRows } from './refuse-trained.js';
import { endpointRef } from './served.js';

/** A model id, a run, or an endpoint: one that the home keeps, by its name, or written as `http://host:port/v1#model`. */
type Side =
  | { kind: 'model'; id: string }
  | { kind: 'run'; folder: string; base: string; id: string; recipe: string }
  | { kind: 'endpoint'; base_url: string; model: string; name?: string };

/** Beginning of the id of a comparison that no recipe asked for. */
export const TWO_WAY = 'two';

export interface TwoWay {
  a: string;
  b: string;
  /** Rows to measure on; without it those that a run has set aside. */
  testFile?: string | undefined;
  /** Of that file. */
  reading: FileReading;
  allows_near_duplicates: boolean;
  /** What each is told in place of the rows' own system prompt: two prompts of one model can be compared, without any training. */
  systems?: [string | undefined, string | undefined];
  /** What its gate says otherwise than it would by itself, as typed: `metric`, `margin`, `guardrails.valid_json` and their like. */
  rule?: [path: string, typed: string][];
  /** The environment variable that has the key of an endpoint; null where it needs none. */
  keyOf: (base_url: string) => string | null;
}

/** @throws AppError option-invalid, gate-invalid, candidates-identical, data-empty, data-split-overlap, near-duplicates, and those of opening */
export async function openTwoWay(home: string, asked: TwoWay, reporter: Reporter): Promise<Comparison> {
  const sides = [parseSide(home, asked.a), parseSide(home, asked.b)] as const;
  const test = asked.testFile ? await readApart('chats', { file: asked.testFile, ...asked.reading }) : testRowsOf(sides);
  const names = namesOf(sides);
  const runs = sides.flatMap((side) => (side.kind === 'run' ? [side.folder] : []));
  const caveats = refuseTrainedRows(runs, test, asked.allows_near_duplicates);
  const endpointOf = ({ base_url, model, name }: { base_url: string; model: string; name?: string }) => ({
    base_url,
    model,
    ...(name === undefined ? { api_key_env: asked.keyOf(base_url) } : { api_key_env: null, name }),
  });
  for (const side of sides)
    if (side.kind === 'endpoint' && !isOnThisMachine(side.base_url)) reporter.note(`the rows are sent to ${side.base_url}`);
  return await openForMeasuring(
    home,
    {
      name: TWO_WAY,
      gate: withRule(
        twoWayGate({ sides, names, systems: asked.systems, test, hasRewardModel: runs.some(isRewardModel), price: homePrice(home) }),
        asked.rule ?? [],
      ),
      train: [],
      test,
      data: asked.testFile ? basename(asked.testFile) : `test rows of ${runs.map((run) => basename(run))[0]}`,
      names: { [names[0]]: refOf(sides[0]), [names[1]]: refOf(sides[1]) },
      local: localOf(sides),
      endpoints: [
        ...new Map(sides.flatMap((side) => (side.kind === 'endpoint' ? [[refOf(side), endpointOf(side)] as const] : []))).values(),
      ],
      challengers: names,
      caveats,
    },
    reporter,
  );
}

/** @throws AppError gate-invalid for a rule that cannot be judged by, option-invalid for one that a comparison of two has not */
function withRule(gate: Gate, rule: [string, string][]): LoadedGate {
  const paths = twoWayFields().map(({ path }) => path);
  const unknown = rule.find(([path]) => !paths.includes(path));
  if (unknown) {
    const problem = `its rule has ${paths.join(', ')}`;
    throw new AppError('option-invalid', { option: `--rule ${unknown[0]}`, problem, command: 'compare' });
  }
  const text = rule.reduce((left, [path, typed]) => withGateField(left, path, typed), JSON.stringify(gate));
  return parseGate('gate', text);
}

interface TwoWayGate {
  sides: readonly [Side, Side];
  names: [string, string];
  systems: TwoWay['systems'];
  test: ComparedRow[];
  hasRewardModel: boolean;
  price: Price | null;
}

/**
 * No margin and no guardrails unless they are asked for; both ways are looks at the same evidence. A model that was not tuned on such rows is told what answers are
 * wanted, and what runs here is held to their form: else a lead would be one of knowing the labels.
 */
function twoWayGate({ sides, names, systems = [undefined, undefined], test, hasRewardModel, price }: TwoWayGate): Gate {
  const choice = hasRewardModel ? { metric: 'reward_accuracy' as const } : chooseMetric(test);
  const system = systemPrompt(test, choice);
  const max_tokens = answerTokens(test);
  const candidate = (index: 0 | 1) => {
    const { kind } = sides[index];
    const told = systems[index] ?? (kind === 'run' ? null : system);
    return {
      model: names[index],
      ...(told ? { system: told } : {}),
      decoding: { max_tokens, ...(kind === 'endpoint' ? {} : decodingConstraint(choice)) },
    };
  };
  return Gate.parse({
    challenger: names[0],
    baselines: [names[1]],
    metric: choice.metric,
    margin: 0,
    looks: 2,
    guardrails: {},
    ...gatePrice(price),
    candidates: { [names[0]]: candidate(0), [names[1]]: candidate(1) },
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
  const kept = findEndpoint(home, text);
  if (kept) return { kind: 'endpoint', base_url: kept.base_url, model: kept.model, name: kept.name };
  const folder = findRunIfAny(home, text);
  if (folder) {
    const { recipe_file } = readJson(runFiles(folder).record, RunRecord);
    return { kind: 'run', folder, base: readPlan(folder).models.policy.id, id: basename(folder), recipe: nameOfRecipe(recipe_file) };
  }
  return { kind: 'model', id: basename(importedModel(home, text)) };
}

/** The model's name, or that of the recipe that tuned it; what it is called by where two have the same. */
function namesOf([first, second]: readonly [Side, Side]): [string, string] {
  const short = (side: Side) => (side.kind === 'run' ? side.recipe : side.kind === 'endpoint' ? (side.name ?? side.model) : side.id);
  if (short(first) !== short(second)) return [short(first), short(second)];
  const [one, other] = [refOf(first), refOf(second)];
  return one === other ? [`${one} 1`, `${other} 2`] : [one, other];
}

function refOf(side: Side): string {
  return side.kind === 'endpoint' ? endpointRef(side, side.model) : side.id;
}

function testRowsOf(sides: readonly Side[]): ComparedRow[] {
  const tuned = sides.find((side) => side.kind === 'run');
  if (tuned) return runTestRows(tuned.folder);
  throw new AppError('option-invalid', { option: '--test', problem: 'name the rows to measure on', command: 'compare' });
}

/** Each base model once, with the runs whose adapters are on it. */
function localOf(sides: readonly Side[]): ComparisonRecord['local'] {
  const local = sides.filter((side) => side.kind !== 'endpoint');
  const baseOf = (side: (typeof local)[number]) => (side.kind === 'run' ? side.base : side.id);
  return [...new Set(local.map(baseOf))].map((model) => ({
    model,
    runs: local.flatMap((side) => (side.kind === 'run' && side.base === model ? [side.id] : [])),
  }));
}
