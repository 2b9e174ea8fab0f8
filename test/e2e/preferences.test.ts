/** Preferences on real weights: rows to pairs, DPO and KTO from the command line, and a verdict on held-out pairs. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { Artifact } from '../../src/protocol/artifact.js';
import { Event } from '../../src/protocol/event.js';
import { Evidence } from '../../src/protocol/evidence.js';
import { Inspection } from '../../src/protocol/inspection.js';
import { Verdict } from '../../src/protocol/verdict.js';
import { runView } from '../../src/server/views/run-view.js';
import { readJson, readLines } from '../../src/store/files.js';
import { attemptFiles, comparisonFiles, comparisonFolder, listAttempts, runFiles, runFolder } from '../../src/store/home.js';
import { readEvents } from '../../src/tune/read-events.js';
import { root, temporaryFolder, testHome, testModel } from '../support/home.js';
import { slipway } from '../support/slipway.js';

const folder = temporaryFolder('preferences');

/** A recipe that came with Slipway, on fewer rows. */
function short(name: string, rows: string, more = ''): string {
  const file = join(folder, `${name}.yaml`);
  const text = readFileSync(join(root, 'recipes', 'smollm2', `${name}.yaml`), 'utf8');
  writeFileSync(file, `${text.replace(/^data:.*$/m, `data: {sample: incident-summaries, ${rows}}`)}${more}`);
  return file;
}

let run: string;
let comparison: string;

beforeAll(async () => {
  await testModel();
  writeFileSync(join(folder, 'dpo.gate.yaml'), readFileSync(join(root, 'recipes', 'smollm2', 'dpo.gate.yaml'), 'utf8'));
  const recipe = short('dpo', 'train: 24, dev: 6, test: 8', 'num_eval_generations: 1\neval_steps: 3\n');
  const outcome = await slipway('go', recipe, '--offline', '--json');
  const printed = JSON.parse(outcome.stdout || '{}') as { run?: string; comparison?: string };
  if (!printed.run || !printed.comparison) throw new Error(`slipway go: ${outcome.stdout}${outcome.stderr}`);
  run = runFolder(testHome, printed.run);
  comparison = printed.comparison;
}, 600_000);

test('the loss of the first step is ln 2, and figures of pairs are on every step', () => {
  const attempt = listAttempts(run).at(-1) as string;
  const events = readLines(attemptFiles(attempt).events, Event);
  const steps = events.flatMap((event) => (event.type === 'step-end' ? [event] : []));
  expect(steps).toHaveLength(3);
  expect(steps[0]?.loss).toBeCloseTo(Math.LN2, 4);
  const names = [
    'rewards/chosen',
    'rewards/rejected',
    'rewards/margins',
    'rewards/accuracies',
    'logps/chosen',
    'logps/rejected',
    'token_kl',
  ];
  for (const { metrics } of steps) expect(Object.keys(metrics)).toEqual(expect.arrayContaining(names));
  const samples = events.flatMap((event) => (event.type === 'sample' ? [event.step] : []));
  expect(samples).toEqual([0, 3]);
  const view = runView(testHome, run, readEvents);
  expect(view.preference).toMatchObject({ step: 3, num_rows: 6, beta: 0.1 });
  expect(view.preference?.interval?.high).toBeLessThanOrEqual(1);
  expect(view.curves.dev_metrics['rewards/margins']).toHaveLength(1);
});

test('masks of both answers, and that their prompt is computed once', () => {
  const { first_rows, splits } = readJson(runFiles(run).inspection, Inspection);
  expect(first_rows.slice(0, 2).map(({ row, part }) => [row, part])).toEqual([
    [1, 'chosen'],
    [1, 'rejected'],
  ]);
  expect(splits[0]?.computed_shares.find(({ num_rows }) => num_rows === 1)?.share).toBeLessThan(0.75);
});

test('held-out pairs are measured, and a lead in likelihood alone does not ship', async () => {
  const files = comparisonFiles(comparisonFolder(testHome, comparison));
  const evidence = readLines(files.evidence, Evidence);
  expect(evidence.filter(({ kind }) => kind === 'preference')).toHaveLength(24);
  expect(evidence.filter(({ kind }) => kind === 'answer')).toHaveLength(24);
  const [verdict] = readLines(files.verdicts, Verdict) as [Verdict];
  expect(verdict).toMatchObject({ metric: 'preference_accuracy', challenger: 'tuned' });
  expect(verdict.decision).not.toBe('ship');
  const verified = await slipway('verify', comparison);
  expect([verified.code, verified.stderr]).toEqual([0, '']);
});

test('KTO goes on from the adapter of the DPO run, and lineage says so', async () => {
  const recipe = short('kto', 'train: 16, dev: 6, test: 8', 'num_eval_generations: 0\n');
  writeFileSync(recipe, readFileSync(recipe, 'utf8').replace(/^model:.*$/m, `model: ${JSON.stringify(run.split('/').at(-1))}`));
  const checked = await slipway('check', recipe, '--offline');
  expect(checked.stdout).toContain('row 1, a good answer');
  const tuned = await slipway('tune', recipe, '--offline', '--json');
  const { run: id } = JSON.parse(tuned.stdout || '{}') as { run: string };
  expect(tuned.code, tuned.stderr).toBe(0);
  const artifact = readJson(runFiles(runFolder(testHome, id)).artifact, Artifact);
  expect(artifact).toMatchObject({ method: 'kto', parents: [{ run: run.split('/').at(-1) }] });
});

test('a gate of pairs is refused for rows that are none, before anything is trained', async () => {
  const recipe = short('kto', 'train: 16, dev: 6, test: 8', 'gate: dpo.gate.yaml\n');
  const outcome = await slipway('go', recipe, '--offline', '--json');
  expect(outcome.code).not.toBe(0);
  expect(outcome.stderr + outcome.stdout).toContain('preference_accuracy needs prompts with a better and a worse answer');
});
