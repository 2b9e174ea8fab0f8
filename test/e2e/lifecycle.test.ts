/** A real run stopped and resumed: the same losses and the same adapter as one that was not interrupted. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { generateIncidentReports } from '../../src/data/sample/incident-reports.js';
import { rowLines } from '../../src/data/splits.js';
import { Artifact } from '../../src/protocol/artifact.js';
import { buildAdapter } from '../../src/run/weights/build-adapter.js';
import { readJson } from '../../src/store/files.js';
import { attemptFiles, listAttempts, runFiles, runFolder } from '../../src/store/home.js';
import { listRuns } from '../../src/store/runs.js';
import { lastBegun, readStatus } from '../../src/tune/launch/attempts.js';
import { readEvents } from '../../src/tune/read-events.js';
import { readPlan } from '../../src/tune/read-plan.js';
import { resumeRun } from '../../src/tune/resume-run.js';
import { temporaryFolder, testHome, testModel } from '../support/home.js';
import { slipway, spawnSlipway } from '../support/slipway.js';

const folder = temporaryFolder('lifecycle');
const recipe = join(folder, 'small.yaml');
const { train } = generateIncidentReports(5, { train: 24, dev: 1, test: 1 });
writeFileSync(join(folder, 'train.jsonl'), rowLines(train));
writeFileSync(
  recipe,
  'model: smollm2-135m-instruct\nmethod: sft\ndata: {train: train.jsonl}\nlearning_rate: 0.001\nper_device_train_batch_size: 3\nsave_steps: 2\nlora: {r: 4}\n',
);

const lossesOf = (run: string) => {
  const steps = readEvents(run).flatMap((event) => (event.type === 'step-end' ? [[event.step, event.loss] as const] : []));
  return Object.fromEntries(steps);
};

const newest = () => runFolder(testHome, listRuns(testHome)[0]?.id ?? '');
const numSteps = (run: string) => readEvents(run).filter(({ type }) => type === 'step-end').length;
const until = async (isTrue: () => boolean) => {
  for (let i = 0; i < 900 && !isTrue(); i++) await new Promise((resolve) => setTimeout(resolve, 100));
  expect(isTrue()).toBe(true);
};

test('kill -9, Ctrl-C, resumed twice, and the uninterrupted run agree to the bit', async () => {
  await testModel();
  const [outcome, twin] = [spawnSlipway({}, 'tune', recipe), spawnSlipway({}, 'tune', recipe)];
  await until(() => listRuns(testHome).some(({ recipe_file }) => recipe_file === recipe) && numSteps(newest()) >= 3);
  const run = newest();
  const id = basename(run);
  // A run that trains is followed, and not trained twice.
  const begun = lastBegun(run);
  expect(await resumeRun(run)).toMatchObject({ attempt: begun, is_new: false });
  const { pid } = JSON.parse(readFileSync(join(attemptFiles(lastBegun(run) as string).workers, '0.json'), 'utf8')) as { pid: number };
  process.kill(pid, 'SIGKILL');
  expect((await outcome.ended).stderr).toContain('worker-killed');
  // Two at once started one run, and the second followed it.
  expect((await twin.ended).stderr).toContain('worker-killed');
  expect(listRuns(testHome).filter(({ recipe_file }) => recipe_file === recipe)).toHaveLength(1);

  // Two at once train once: the second follows the attempt of the first.
  const [again, other] = [spawnSlipway({}, 'resume', id), spawnSlipway({}, 'resume', id)];
  await until(() => readStatus(run) === 'running' && numSteps(run) >= 5);
  again.child.kill('SIGINT');
  const { stdout, code } = await again.ended;
  expect((await other.ended).stdout).toContain(`continue it: slipway resume ${id}`);
  expect(listAttempts(run).map((attempt) => basename(attempt))).toEqual(['1', '2']);
  expect(stdout).toContain('stopping after this step; what is done is kept');
  expect(stdout).toContain(`continue it: slipway resume ${id}`);
  expect([code, readStatus(run)]).toEqual([130, 'stopped']);
  expect(existsSync(runFiles(run).artifact)).toBe(false);
  expect((await slipway('verify', id, '--json')).stdout).toContain('build-missing');

  const resumed = JSON.parse((await slipway('resume', id, '--json')).stdout) as { status: string };
  expect(resumed.status).toBe('done');
  const start = readEvents(run).findLast((event) => event.type === 'run-start');
  expect(start?.type === 'run-start' && start.start_step).toBeGreaterThanOrEqual(3);

  const whole = JSON.parse((await slipway('tune', recipe, '--fresh', '--json')).stdout) as { run: string };
  const uninterrupted = runFolder(testHome, whole.run);
  expect(lossesOf(run)).toEqual(lossesOf(uninterrupted));
  expect(Object.keys(lossesOf(run))).toHaveLength(8);
  const adapter = (folder: string) =>
    readJson(runFiles(folder).artifact, Artifact).files.find(({ path }) => path === 'adapter_model.safetensors')?.sha256;
  expect(adapter(run)).toBe(adapter(uninterrupted));
  expect(readFileSync(runFiles(run).recipe, 'utf8')).toBe(readFileSync(recipe, 'utf8'));
}, 600_000);

test('a run starts from the adapter of another: its form and its parent are in plan and artifact, and it is served', async () => {
  const parent = listRuns(testHome).find(({ recipe_file }) => recipe_file === recipe)?.id as string;
  const further = join(folder, 'further.yaml');
  writeFileSync(
    further,
    readFileSync(recipe, 'utf8')
      .replace('smollm2-135m-instruct', parent)
      .replace(/lora:.*\n/, ''),
  );
  const { run: id } = JSON.parse((await slipway('tune', further, '--json')).stdout) as { run: string };
  const run = runFolder(testHome, id);
  const { models, values } = readPlan(run);
  expect([models.policy.id, models.policy.adapter?.run, values.lora.r]).toEqual(['smollm2-135m-instruct', parent, 4]);
  const { parents, kind } = readJson(runFiles(run).artifact, Artifact);
  expect([kind, parents.map((one) => one.run)]).toEqual(['adapter', [parent]]);
  const [before, after] = [runFolder(testHome, parent), run].map((one) => Object.values(lossesOf(one)));
  expect(after?.[0]).toBeLessThan(before?.[0] as number);
  await buildAdapter(run, await testModel(), { served_mean_limit: 1, onProgress: () => undefined });
  const other = await slipway('tune', further, '--set', 'lora.r=8', '--json');
  expect(JSON.parse(other.stdout).error).toMatchObject({ code: 'setting-unsupported', data: { setting: 'lora.r' } });
}, 600_000);
