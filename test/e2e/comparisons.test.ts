/** A comparison as a job, through the command line: endpoints get their own model's name, a killed one resumes, two at once write nothing twice. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listComparisonIds, readComparison } from '../../src/compare/comparison.js';
import { Evidence, isOf } from '../../src/protocol/evidence.js';
import { isActive, ProcessIdentity } from '../../src/protocol/run.js';
import { Verdict } from '../../src/protocol/verdict.js';
import { readJson, readJsonIfKnown, readLines } from '../../src/store/files.js';
import { attemptFiles, comparisonFiles, comparisonFolder, ledgerFile, listAttempts } from '../../src/store/home.js';
import { lastBegun, readStatus } from '../../src/tune/launch/attempts.js';
import { type Endpoint, startEndpoint } from '../support/endpoint.js';
import { root, temporaryFolder } from '../support/home.js';
import { randomOf } from '../support/mutations.js';
import { outcomeOf, slipwayProgram, spawnSlipway } from '../support/slipway.js';

const NUM_ROWS = 24;
const folder = temporaryFolder('comparisons');
const rows = join(folder, 'rows.jsonl');
let right: Endpoint;
let wrong: Endpoint;
/** An answer that was timed whole is a line of both kinds; timed again it is asked again. */
const numQuestions = (lines: Evidence[]) => lines.filter((line) => line.kind !== 'timing' || line.is_cold || line.repeat > 0).length;

const label = (question: string) => ['red', 'green', 'blue'][Number(/\d+/.exec(question)?.[0]) % 3] as string;

beforeAll(async () => {
  [right, wrong] = await Promise.all([startEndpoint(label), startEndpoint(() => 'red')]);
  const lines = Array.from({ length: NUM_ROWS }, (_, i) => ({ prompt: `Colour of ${i}?`, completion: label(`${i}`) }));
  writeFileSync(rows, lines.map((row) => `${JSON.stringify(row)}\n`).join(''));
});
afterAll(() => {
  right.server.close();
  wrong.server.close();
});

const command = () => ['compare', `${right.address}#my-model`, `${wrong.address}#my-model`, '--test', rows, '--json'];
const environment = (home: string) => ({ cwd: root, env: { ...process.env, SLIPWAY_HOME: home, NO_COLOR: '1' } });
const compare = (home: string) => outcomeOf([...slipwayProgram, ...command()], environment(home));
const slipwayIn = (home: string, ...words: string[]) => outcomeOf([...slipwayProgram, ...words], environment(home));
const evidenceOf = (home: string, id: string) => readLines(comparisonFiles(comparisonFolder(home, id)).evidence, Evidence);
const until = async (isTrue: () => boolean) => {
  for (let i = 0; i < 600 && !isTrue(); i++) await new Promise((resolve) => setTimeout(resolve, 25));
  expect(isTrue()).toBe(true);
};
const isRunning = (pid: number) => existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
const childrenOf = (pid: number) => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
/** The only comparison of a home, as soon as there is one. */
const onlyComparison = async (home: string) => {
  await until(() => listComparisonIds(home).length > 0);
  return listComparisonIds(home)[0] as string;
};

describe('two endpoints', () => {
  test('each is asked for its own model by the name that it gives it', async () => {
    const home = temporaryFolder('two-endpoints');
    const { stdout, code } = await compare(home);
    const { comparison, verdicts, conclusion } = JSON.parse(stdout) as { comparison: string; verdicts: Verdict[]; conclusion: string };
    expect(code).toBe(0);
    expect([[...right.models], [...wrong.models]]).toEqual([['my-model'], ['my-model']]);
    expect(verdicts.map(({ decision }) => decision)).toEqual(['ship', 'skip']);
    expect(conclusion).toBe(`${right.address}#my-model is better`);
    const lines = evidenceOf(home, comparison);
    expect(lines.filter((line) => line.kind === 'answer' && isOf(line, `${right.address}#my-model`))).toHaveLength(NUM_ROWS);
    const again = await compare(home);
    expect([JSON.parse(again.stdout).verdicts, evidenceOf(home, comparison)]).toEqual([verdicts, lines]);
    const verify = () => slipwayIn(home, 'verify', comparison, '--json');
    expect(JSON.parse((await verify()).stdout)).toMatchObject({ ok: true });
    // Reviews that were cut away are missed.
    const { reviews } = comparisonFiles(comparisonFolder(home, comparison));
    writeFileSync(reviews, readFileSync(reviews, 'utf8').slice(0, 100));
    expect((await verify()).code).toBe(6);
  }, 60_000);

  test('two prompts of one model are compared as two candidates, each told its own', async () => {
    const home = temporaryFolder('two-prompts');
    const one = await startEndpoint(label, 'my-model');
    const both = `${one.address}#my-model`;
    const prompts = ['--system-a', 'Name the colour.', '--system-b', 'Be kind.'];
    const { stdout, code } = await slipwayIn(home, 'compare', both, both, '--test', rows, ...prompts, '--json');
    expect(code).toBe(0);
    const { comparison, conclusion } = JSON.parse(stdout) as { comparison: string; conclusion: string };
    expect(conclusion).toMatch(/^no difference|^not decided/);
    const { candidates } = readComparison(comparisonFolder(home, comparison));
    expect(candidates.map(({ name, system }) => [name, system])).toEqual([
      [`${both} 1`, 'Name the colour.'],
      [`${both} 2`, 'Be kind.'],
    ]);
    const same = await slipwayIn(home, 'compare', both, both, '--test', rows, '--json');
    expect(JSON.parse(same.stdout).error.code).toBe('candidates-identical');
    one.server.close();
  }, 60_000);

  test('a server that lists no models is taken at its word; one that lists others is asked for none of them', async () => {
    const home = temporaryFolder('unlisted');
    const [mine, theirs] = [await startEndpoint(label, 'nothing'), await startEndpoint(() => 'red', 'no such route')];
    const words = (a: string, b: string) => ['compare', `${mine.address}#${a}`, `${b}`, '--test', rows, '--json'];
    const { stdout, code } = await slipwayIn(home, ...words('org/any@main', `${theirs.address}#other`));
    expect([code, [...mine.models], [...theirs.models]]).toEqual([0, ['org/any@main'], ['other']]);
    const { conclusion, verdicts } = JSON.parse(stdout) as { conclusion: string; verdicts: Verdict[] };
    expect(conclusion).toBe('org/any@main is better');
    // A field that a server does not know makes one figure unmeasured, and ends nothing.
    expect(verdicts[0]?.not_measured).toEqual([
      expect.stringMatching(/^other: the time to the first token .* does not take cache_prompt\)$/),
    ]);
    expect(verdicts[0]?.candidates.map((of) => of.time_to_first_token_cold_ms !== null)).toEqual([true, false]);
    const mistyped = await slipwayIn(home, ...words('org/any@main', `${right.address}#my-modle`));
    expect(JSON.parse(mistyped.stdout).error).toMatchObject({
      code: 'model-not-found',
      data: { model: `${right.address}#my-modle`, known: expect.stringContaining(`${right.address}#my-model`) },
    });
    mine.server.close();
    theirs.server.close();
  }, 60_000);

  test('a key comes from the environment variable that is named, goes to its endpoint alone, and is kept nowhere', async () => {
    const home = temporaryFolder('key');
    const [mine, theirs] = [await startEndpoint(label), await startEndpoint(() => 'red')];
    const words = ['compare', `${mine.address}#my-model`, `${theirs.address}#my-model`, '--test', rows, '--json'];
    const withKey = [...words, '--api-key-env', `${mine.address}=TEST_KEY`];
    const missing = await slipwayIn(home, ...withKey);
    expect(JSON.parse(missing.stdout).error).toMatchObject({ code: 'endpoint-key-missing', data: { variable: 'TEST_KEY' } });
    const keyed = { ...environment(home), env: { ...environment(home).env, TEST_KEY: 'sk-very-secret' } };
    const { stdout, code } = await outcomeOf([...slipwayProgram, ...withKey], keyed);
    expect([code, [...mine.keys], [...theirs.keys]]).toEqual([0, ['Bearer sk-very-secret'], ['none']]);
    const files = Object.values(comparisonFiles(comparisonFolder(home, JSON.parse(stdout).comparison as string)));
    expect(files.filter((file) => readFileSync(file, 'utf8').includes('sk-very-secret'))).toEqual([]);
    expect(readFileSync(ledgerFile(home), 'utf8')).not.toContain('sk-very-secret');
    mine.server.close();
    theirs.server.close();
  }, 60_000);

  test('killed with its supervisor it is lost, and resumed it measures what is missing, each line once', async () => {
    const home = temporaryFolder('killed');
    right.delay_ms = wrong.delay_ms = 100;
    const started = spawnSlipway(environment(home), ...command());
    const id = await onlyComparison(home);
    const job = comparisonFolder(home, id);
    await until(() => existsSync(comparisonFiles(job).evidence) && evidenceOf(home, id).length >= 5);
    process.kill(readJson(attemptFiles(lastBegun(job) as string).supervisor, ProcessIdentity).pid, 'SIGKILL');
    const { stdout } = await started.ended;
    expect(JSON.parse(stdout).error.code).toBe('worker-failed');
    await until(() => readStatus(job) === 'lost');
    const before = evidenceOf(home, id);
    // Nobody measures on after the supervisor is gone.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(evidenceOf(home, id)).toEqual(before);
    right.delay_ms = wrong.delay_ms = 0;
    const asked = right.numAsked + wrong.numAsked;
    expect(JSON.parse((await slipwayIn(home, 'resume', id, '--json')).stdout)).toMatchObject({ run: id, status: 'done' });
    const lines = evidenceOf(home, id);
    expect(lines.slice(0, before.length)).toEqual(before);
    expect(new Set(lines.map((line) => line.id)).size).toBe(lines.length);
    expect(right.numAsked + wrong.numAsked - asked).toBe(numQuestions(lines.slice(before.length)));
    expect(JSON.parse((await slipwayIn(home, 'verify', id, '--json')).stdout)).toMatchObject({ ok: true });
  }, 60_000);

  test('killed at random moments, command, supervisor or measuring process: no line is lost or there twice, one verdict each way', async () => {
    const numKills = Number(process.env.SLIPWAY_NUM_RANDOM_KILLS ?? 10);
    const seed = Number(process.env.SLIPWAY_KILL_SEED ?? Math.floor(Math.random() * 2 ** 31));
    console.log(`kills of a comparison: SLIPWAY_KILL_SEED=${seed}`);
    const random = randomOf(seed);
    const home = temporaryFolder('kills');
    right.delay_ms = wrong.delay_ms = 15;
    for (let kill = 0; kill < numKills; kill++) {
      const before = listComparisonIds(home).map((id) => [id, evidenceOf(home, id)] as const);
      const started = spawnSlipway(environment(home), ...command());
      await new Promise((resolve) => setTimeout(resolve, 400 + random() * 1200));
      const [id] = listComparisonIds(home);
      const attempt = id && lastBegun(comparisonFolder(home, id));
      const supervisor = attempt ? readJsonIfKnown(attemptFiles(attempt).supervisor, ProcessIdentity)?.pid : undefined;
      const children = supervisor && existsSync(`/proc/${supervisor}`) ? childrenOf(supervisor) : [];
      const victims = [started.child.pid, supervisor, ...children];
      const victim = victims[Math.floor(random() * victims.length)];
      if (victim && existsSync(`/proc/${victim}`)) process.kill(victim, 'SIGKILL');
      await started.ended;
      if (id) await until(() => !isActive(readStatus(comparisonFolder(home, id))));
      await until(() => [supervisor, ...children].every((pid) => !pid || !isRunning(pid)));
      for (const [known, lines] of before) expect(evidenceOf(home, known).slice(0, lines.length)).toEqual(lines);
    }
    right.delay_ms = wrong.delay_ms = 0;
    const { stdout } = await compare(home);
    const { comparison, verdicts } = JSON.parse(stdout) as { comparison: string; verdicts: Verdict[] };
    const lines = evidenceOf(home, comparison);
    expect(new Set(lines.map(({ id }) => id)).size).toBe(lines.length);
    expect(verdicts.map(({ decision }) => decision)).toEqual(['ship', 'skip']);
    expect(readLines(comparisonFiles(comparisonFolder(home, comparison)).verdicts, Verdict)).toHaveLength(2);
    expect(JSON.parse((await slipwayIn(home, 'verify', comparison, '--json')).stdout)).toMatchObject({ ok: true });
  }, 3_600_000);

  test('stopped it keeps what is done; `stop` and Ctrl-C ask for it between two questions', async () => {
    const home = temporaryFolder('stopped');
    right.delay_ms = wrong.delay_ms = 60;
    const started = spawnSlipway(environment(home), ...command());
    const id = await onlyComparison(home);
    const job = comparisonFolder(home, id);
    await until(() => existsSync(comparisonFiles(job).evidence) && evidenceOf(home, id).length >= 3);
    expect((await slipwayIn(home, 'stop', id, '--json')).code).toBe(0);
    expect(JSON.parse((await started.ended).stdout)).toMatchObject({ run: id, status: 'stopped' });
    expect(readStatus(job)).toBe('stopped');
    expect((await slipwayIn(home, 'show', id)).stdout).toMatch(/: stopped\n {2}\d+ lines of evidence on 24 test rows/);
    expect((await slipwayIn(home, 'comparisons')).stdout).toMatch(new RegExp(`${id}  rows.jsonl +24  stopped +—`));
    expect((await slipwayIn(home, 'rm', id, '--yes', '--json')).code).toBe(0);
    right.delay_ms = wrong.delay_ms = 0;
  }, 60_000);

  test('two at once are one: both end with the same verdict, and each question was asked once', async () => {
    const home = temporaryFolder('at-once');
    right.delay_ms = wrong.delay_ms = 20;
    const asked = right.numAsked + wrong.numAsked;
    const outcomes = await Promise.all([compare(home), compare(home)]);
    right.delay_ms = wrong.delay_ms = 0;
    const [first, second] = outcomes.map(({ stdout }) => JSON.parse(stdout) as { comparison: string; verdicts: Verdict[] });
    expect(second).toEqual(first);
    const id = first?.comparison as string;
    expect(listAttempts(comparisonFolder(home, id))).toHaveLength(1);
    const lines = evidenceOf(home, id);
    expect(new Set(lines.map((line) => line.id)).size).toBe(lines.length);
    expect(right.numAsked + wrong.numAsked - asked).toBe(numQuestions(lines));
    expect(
      readFileSync(comparisonFiles(comparisonFolder(home, id)).verdicts, 'utf8')
        .trim()
        .split('\n'),
    ).toHaveLength(2);
  }, 60_000);

  test('comparison-format: one of an earlier version says so', async () => {
    const home = temporaryFolder('format');
    const { comparison } = JSON.parse((await compare(home)).stdout) as { comparison: string };
    const { record } = comparisonFiles(comparisonFolder(home, comparison));
    writeFileSync(record, readFileSync(record, 'utf8').replace('"format": 3', '"format": 1'));
    const { stdout, code } = await slipwayIn(home, 'verify', comparison, '--json');
    expect([code, JSON.parse(stdout).error]).toMatchObject([6, { code: 'comparison-format', data: { format: 1, known: 3 } }]);
  }, 60_000);
});
