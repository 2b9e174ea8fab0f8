/** Facts and a recipe become a plan: every value resolved, each with its source. A pure function. */
import type { ModelShape } from '../../model/families/read-shape.js';
import { scoredShape } from '../../model/families/scored-shape.js';
import { AppError } from '../../protocol/errors.js';
import { METHODS } from '../../protocol/methods/methods.js';
import type { DefaultValue } from '../../protocol/methods/setting.js';
import { type GroupName, settingsOf } from '../../protocol/methods/settings-table.js';
import type { Replacement } from '../../protocol/methods/shared-settings.js';
import type { MethodValues, ParentArtifact, Plan, PlannedModel, PlanValues } from '../../protocol/plan.js';
import type { LoadedRecipe } from '../read-recipe.js';
import { trainedCoverage } from './coverage.js';
import { forecast } from './forecast.js';
import type { Machine } from './machine.js';
import { numSteps, type ResolvedSettings, resolveSettings } from './resolve-settings.js';
import { resolveTargets } from './targets.js';

/** What Q4_1 with 8-bit activations costs a 135M model; found on dev rows (see recipes/quickstart.yaml). */
const DEFAULT_SERVED_MEAN_NATS = 0.1;

/** What a plan needs to know of a split. */
export interface RowFacts {
  sha256: string;
  num_rows: number;
  /** Rows with supervised tokens: others teach nothing, and are in no batch. */
  num_supervised_rows: number;
  num_tokens: number;
  /** Of all texts; a row with two answers is two texts. */
  longest_row_tokens: number;
  /** Tokens of the longest rows with supervision, the longest first, each with all its texts; the last stands for those that are not listed. */
  longest_lengths: number[];
  /** Tokens that a batch's rows add to it where what they share is computed once, the heaviest rows first; listed as above. */
  heaviest_own_tokens: number[];
  /** Of a batch's tokens, how many of them are computed where what its rows share is computed once. */
  computed_shares: { num_rows: number; share: number }[];
  /** Of labelled answers. */
  labels: { good: number; bad: number } | null;
}

/** Tokens that the heaviest batch computes: padded, end to end, or with what rows share once. */
function heaviestBatchTokens({ num_supervised_rows, ...rows }: RowFacts, batchSize: number, plain: Replacement[]): number {
  const numRows = Math.min(batchSize, num_supervised_rows);
  if (plain.includes('padding_free')) return numRows * (rows.longest_lengths[0] ?? 0);
  const lengths = plain.includes('shared_prefix') ? rows.longest_lengths : rows.heaviest_own_tokens;
  const listed = lengths.slice(0, numRows);
  return listed.reduce((sum, length) => sum + length, 0) + (numRows - listed.length) * (lengths.at(-1) ?? 0);
}

function computedShare({ computed_shares }: RowFacts, batchSize: number, plain: Replacement[]): number {
  if (plain.includes('padding_free') || plain.includes('shared_prefix')) return 1;
  return computed_shares.findLast(({ num_rows }) => num_rows <= batchSize)?.share ?? 1;
}

/** A run whose adapter is trained further, with the form that its adapter has. */
export interface Parent {
  artifact: ParentArtifact;
  lora: PlanValues['lora'];
}

export interface PlanFacts {
  loaded: LoadedRecipe;
  model: Pick<PlannedModel, 'id' | 'folder' | 'sha256' | 'quantization'>;
  parent: Parent | null;
  shape: ModelShape;
  train: RowFacts;
  dev: RowFacts | null;
  /** Known by its hash and number only: the worker never gets it. */
  test: { sha256: string; num_rows: number } | null;
  gate_sha256: string | null;
  machine: Machine;
}

/** @throws AppError of targets that mean nothing (targets.ts), nothing-trained, setting-unsupported for another form than the parent's */
export function planRun(facts: PlanFacts): Plan {
  const { train, dev, test, loaded, machine, parent } = facts;
  const { recipe } = loaded;
  const shape = recipe.method === 'reward' ? scoredShape(facts.shape) : facts.shape;
  const table = METHODS[recipe.method].settings;
  const splits = dev ? [train, dev] : [train];
  const longest_row_tokens = Math.max(...splits.map((split) => split.longest_row_tokens));
  const has_gpu = machine.gpus.length > 0 || recipe.machine !== undefined;
  const resolved = resolveSettings(
    table,
    loaded,
    {
      num_parameters: shape.num_parameters,
      num_train_rows: train.num_supervised_rows,
      has_dev_rows: dev !== null,
      longest_row_tokens,
      labels: train.labels,
      num_cores: machine.num_cores,
      has_gpu,
      num_gpus_asked: recipe.machine?.gpus ?? null,
    },
    parent ? parentValues(parent) : {},
  );
  if (parent) refuseOtherForm(parent, loaded);
  const num_steps = numSteps(train.num_supervised_rows, resolved.value);
  const planned = plannedValues(facts, resolved, num_steps);
  const { values } = planned;
  const coverage = trainedCoverage(shape, values.model.use_peft ? values.lora : null);
  const device = has_gpu ? 'cuda' : 'cpu';
  const batchSize = values.training.per_device_train_batch_size;
  const heaviest_batch_tokens = heaviestBatchTokens(train, batchSize, values.model.plain);
  const computed_share = computedShare(train, batchSize, values.model.plain);
  return {
    ...planned,
    models: { policy: { ...facts.model, num_parameters: facts.shape.num_parameters, adapter: parent?.artifact ?? null } },
    data: {
      asked: recipe.data,
      num_train_rows: train.num_rows,
      num_dev_rows: dev?.num_rows ?? 0,
      num_test_rows: test?.num_rows ?? 0,
      train_sha256: train.sha256,
      dev_sha256: dev?.sha256 ?? null,
      test_sha256: test?.sha256 ?? null,
      num_train_tokens: train.num_tokens,
      longest_row_tokens,
      heaviest_batch_tokens,
      computed_share,
    },
    gate_sha256: facts.gate_sha256,
    parity: { served_mean_nats: recipe.parity?.served_mean_nats ?? DEFAULT_SERVED_MEAN_NATS },
    device,
    sources: resolved.sources,
    forecast: forecast({
      shape,
      values,
      device,
      coverage,
      num_steps,
      num_train_tokens: train.num_tokens,
      computed_share,
      heaviest_batch_tokens,
      has_reference: METHODS[recipe.method].has_reference,
    }),
    coverage,
    resume_from: null,
  };
}

/** The resolved settings by group, with what the plan holds in another type: warm-up in steps, targets by name. */
function plannedValues({ loaded, shape, parent }: PlanFacts, { value }: ResolvedSettings, num_steps: number): MethodValues {
  const { method } = loaded.recipe;
  const values = {} as Record<GroupName, Record<string, unknown>>;
  for (const { group, name, path } of settingsOf(METHODS[method].settings)) {
    values[group] = { ...values[group], [name]: value(path) };
  }
  const asked = value<number>('warmup_steps');
  const warmup_steps = asked < 1 ? Math.round(asked * num_steps) : Math.round(asked);
  const target_modules =
    parent || !value('use_peft')
      ? (parent?.lora.target_modules ?? [])
      : resolveTargets(shape, {
          target_modules: value('lora.target_modules'),
          target_parameters: value('lora.target_parameters'),
          layers_to_transform: value('lora.layers_to_transform'),
          lora_dropout: value('lora.lora_dropout'),
          load_in_4bit: value('load_in_4bit'),
          allow: value('allow'),
        });
  if (METHODS[method].rows !== 'chat') Object.assign(values.model, { plain: withBoth(value('plain')) });
  Object.assign(values.training, { warmup_steps });
  Object.assign(values.lora, { target_modules });
  return { method, values } as unknown as MethodValues;
}

/** TRL's trainers of preferences pad their rows and have a loss of their own: these are one computation. */
function withBoth(plain: Replacement[]): Replacement[] {
  const both: Replacement[] = ['padding_free', 'fused_loss'];
  return both.some((name) => plain.includes(name)) ? [...new Set([...plain, ...both])] : plain;
}

function parentValues({ artifact, lora }: Parent): Record<string, DefaultValue<unknown>> {
  const why = `the adapter of ${artifact.run}`;
  return Object.fromEntries(Object.entries(lora).map(([name, value]) => [`lora.${name}`, { value, source: 'model', why }]));
}

/** An adapter keeps its form while it is trained further. */
function refuseOtherForm({ artifact, lora }: Parent, { recipe, command_line }: LoadedRecipe): void {
  const asked = { ...recipe.lora };
  for (const [path, value] of Object.entries(command_line)) if (path.startsWith('lora.')) Object.assign(asked, { [path.slice(5)]: value });
  for (const [name, value] of Object.entries(asked)) {
    const has = lora[name as keyof typeof lora];
    if (value === undefined || JSON.stringify(value) === JSON.stringify(has)) continue;
    const problem = `the adapter of ${artifact.run} is trained further as it is, with ${JSON.stringify(has)}`;
    throw new AppError('setting-unsupported', { setting: `lora.${name}`, problem, suggestion: JSON.stringify(has) });
  }
  if (recipe.use_peft === false) {
    const problem = `the adapter of ${artifact.run} is trained further, and not all weights`;
    throw new AppError('setting-unsupported', { setting: 'use_peft', problem, suggestion: 'true' });
  }
}
