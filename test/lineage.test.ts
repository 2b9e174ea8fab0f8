/** Test rows against what runs, and the runs they go on from, were trained on; and what a resumed run must still be. */
import { appendFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { rowLines, type Splits } from '../src/data/splits.js';
import { refuseTrainedRows } from '../src/flow/compare/refuse-trained.js';
import { findEarlierRun } from '../src/flow/tune/start-run.js';
import type { ModelRecord } from '../src/protocol/model-record.js';
import type { Plan } from '../src/protocol/plan.js';
import type { Row } from '../src/protocol/row.js';
import { writeJson, writeWhole } from '../src/store/files.js';
import { sha256Text } from '../src/store/hash.js';
import { attemptFiles, listAttempts, modelFiles, modelFolder, runFiles, runFolder } from '../src/store/home.js';
import { readPlan } from '../src/tune/read-plan.js';
import { parseRecipe } from '../src/tune/read-recipe.js';
import { resumeRun } from '../src/tune/resume-run.js';
import { failure } from './support/failure.js';
import { fixtureHome } from './support/fixture-home.js';
import { temporaryFolder } from './support/home.js';
import { labelRows } from './support/measured-comparison.js';

const original = fixtureHome();
/** A home of its own for each test. */
const copiedHome = () => {
  const home = temporaryFolder('lineage');
  cpSync(original.home, home, { recursive: true });
  return { home, runs: original.runs };
};
const rows = (prefix: string): Row[] => labelRows(3, prefix);
const changePlan = (run: string, change: (plan: Plan) => void) => {
  const plan = readPlan(run);
  change(plan);
  writeJson(attemptFiles(listAttempts(run).at(-1) as string).plan, plan);
};

/** A run that goes on from another one, each with its own rows. */
function family() {
  const { home, runs } = copiedHome();
  const [parent, child] = [runFolder(home, runs.failed), runFolder(home, runs.stopped)];
  writeWhole(runFiles(parent).train, rowLines(rows('Parent')));
  writeWhole(runFiles(child).train, rowLines(rows('Child')));
  writeWhole(runFiles(child).dev, rowLines(rows('Dev')));
  changePlan(child, (plan) => {
    plan.models.policy.adapter = { run: runs.failed, folder: runFiles(parent).artifactFolder, sha256: 'x' };
  });
  return { parent, child };
}

describe('test rows', () => {
  test.each([
    ['Child', 'test row 4 is train of run tickets-20261120-090000-aa row 1'],
    ['Dev', 'test row 4 is dev of run tickets-20261120-090000-aa row 1'],
    ['Parent', 'test row 4 is train of run tickets-20261121-090000-bb row 1'],
  ])('that are among the rows of %s are refused by row', async (prefix, told) => {
    const { child } = family();
    const asked = [...rows('Fresh'), ...rows(prefix)];
    expect(await failure(() => refuseTrainedRows([child], asked, false))).toMatchObject({
      code: 'data-split-overlap',
      message: expect.stringContaining(told),
    });
  });

  test('near-duplicates are refused, and shown where they are allowed', async () => {
    const { child } = family();
    const near = [...rows('Fresh'), ...labelRows(1, 'Child — ')];
    expect((await failure(() => refuseTrainedRows([child], near, false))).code).toBe('near-duplicates');
    expect(refuseTrainedRows([child], near, true)).toEqual([
      '1 near-duplicate of trained rows among the test rows: other case, digits, spacing or punctuation alone',
    ]);
    expect(refuseTrainedRows([child], rows('Fresh'), false)).toEqual([]);
  });

  test('of a run that was erased are said to be unchecked', () => {
    const { parent, child } = family();
    rmSync(parent, { recursive: true });
    expect(refuseTrainedRows([child], rows('Fresh'), false)).toEqual([
      'run tickets-20261121-090000-bb was erased: that no test row was among its rows is not checked',
    ]);
  });
});

/** A run that was stopped, with its model, rows and plan as they belong together. */
function resumable() {
  const { home, runs } = copiedHome();
  const run = runFolder(home, runs.stopped);
  const folder = modelFolder(home, 'smollm2-135m-instruct');
  const text = rowLines(rows('Child'));
  writeWhole(runFiles(run).train, text);
  writeWhole(runFiles(run).dev, text);
  const record: Partial<ModelRecord> = { sha256: 'weights' };
  writeJson(modelFiles(folder).record, {
    id: 'smollm2-135m-instruct',
    source: 'x',
    quantization: 'F32',
    architecture: 'llama',
    num_parameters: 1,
    context_length: 1,
    license: { id: 'x', file: null },
    gguf: null,
    files: [],
    imported_at: '2026-11-26T12:00:00.000Z',
    ...record,
  });
  changePlan(run, (plan) => {
    plan.models.policy.folder = folder;
    plan.models.policy.sha256 = 'weights';
    plan.data.train_sha256 = sha256Text(text);
    plan.data.dev_sha256 = sha256Text(text);
    plan.forecast.memory_bytes = 1;
    plan.forecast.disk_bytes = 1;
  });
  return { home, run, folder, record: modelFiles(folder).record };
}

describe('a run that is resumed', () => {
  test('continues the plan of its first attempt', async () => {
    const { run } = resumable();
    const begun = readPlan(run);
    const { plan, attempt } = await resumeRun(run);
    expect(plan.values.training).toEqual(begun.values.training);
    expect(attempt.endsWith('/attempts/2')).toBe(true);
    rmSync(attempt, { recursive: true });
    // A later plan that was edited is not continued.
    changePlan(run, () => undefined);
    expect((await resumeRun(run)).plan).toEqual(plan);
  });

  test.each<[string, (made: ReturnType<typeof resumable>) => void, string]>([
    [
      'model',
      ({ record }) => writeFileSync(record, readFileSync(record, 'utf8').replace('"weights"', '"others"')),
      'model: smollm2-135m-instruct has other weights',
    ],
    ['train rows', ({ run }) => appendFileSync(runFiles(run).train, '{}\n'), 'data: train.jsonl of the run was changed'],
    ['dev rows', ({ run }) => rmSync(runFiles(run).dev), 'data: dev.jsonl of the run was changed'],
    [
      'machine',
      ({ run }) =>
        changePlan(run, (plan) => {
          plan.device = 'cuda';
        }),
      'machine: it was begun on 1 GPU, here: 0',
    ],
  ])('resume-differs: another %s is named', async (_, change, told) => {
    const made = resumable();
    change(made);
    expect(await failure(() => resumeRun(made.run))).toMatchObject({ code: 'resume-differs', message: expect.stringContaining(told) });
  });
});

describe('a run is reused', () => {
  const recipe = 'model: smollm2-135m-instruct\nmethod: sft\ndata: {train: train.jsonl}\n';
  const found = (text: string, changes: Partial<Splits> = {}, sha256 = 'weights') => {
    const { home, run, folder, record } = resumable();
    writeFileSync(record, readFileSync(record, 'utf8').replace('"weights"', `"${sha256}"`));
    const splits = { train: rows('Child'), dev: rows('Child'), test: [], ...changes };
    const loaded = parseRecipe('/elsewhere/tickets.yaml', text);
    return findEarlierRun(home, { loaded, splits, ready: { model_folder: folder, parent: null } }) === run;
  };

  test.each<[string, () => boolean, boolean]>([
    ['of the same recipe', () => found(recipe), true],
    ['with other comments', () => found(`# Mine.\n${recipe}`), true],
    ['with another gate', () => found(`${recipe}gate: other.gate.yaml\n`), true],
    ['with other test rows', () => found(recipe, { test: rows('Fresh') }), true],
    ['that allows near-duplicates', () => found(`${recipe}allow: [near-duplicates]\n`), true],
    ['that allows what changes training', () => found(`${recipe}allow: [answers-truncated]\n`), false],
    ['with another setting', () => found(`${recipe}learning_rate: 0.5\n`), false],
    ['with other train rows', () => found(recipe, { train: rows('Other') }), false],
    ['with another dev row', () => found(recipe, { dev: rows('Child').slice(1) }), false],
    ['without dev rows', () => found(recipe, { dev: [] }), false],
    ['of another model', () => found(recipe, {}, 'others'), false],
  ])('%s', (_, act, expected) => {
    expect(act()).toBe(expected);
  });
});
