/** Reward models on real weights: trained, judged on held-out pairs, served at /v1/score, and named by the gate of another run. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { servedRun } from '../../src/flow/compare/served-run.js';
import { Artifact, RewardReference } from '../../src/protocol/artifact.js';
import { Evidence } from '../../src/protocol/evidence.js';
import { Verdict } from '../../src/protocol/verdict.js';
import type { RunningServer } from '../../src/run/api/start-server.js';
import { serveModels } from '../../src/run/serve-models.js';
import { runView } from '../../src/server/views/run-view.js';
import { readJson, readLines } from '../../src/store/files.js';
import { comparisonFiles, comparisonFolder, runFiles, runFolder } from '../../src/store/home.js';
import { readEvents } from '../../src/tune/read-events.js';
import { root, temporaryFolder, testHome, testModel } from '../support/home.js';
import { slipway } from '../support/slipway.js';

const folder = temporaryFolder('rewards');

/** A recipe that came with Slipway, on fewer rows, with its gate. */
function short(name: string, rows: string, more = '', gateOf = (text: string) => text): string {
  const file = join(folder, `${name}.yaml`);
  const shelf = join(root, 'recipes', 'smollm2');
  const text = readFileSync(join(shelf, `${name}.yaml`), 'utf8');
  writeFileSync(file, `${text.replace(/^data:.*$/m, `data: {sample: incident-summaries, ${rows}}`)}${more}`);
  writeFileSync(join(folder, `${name}.gate.yaml`), gateOf(readFileSync(join(shelf, `${name}.gate.yaml`), 'utf8')));
  return file;
}

async function gone(recipe: string): Promise<{ run: string; comparison: string }> {
  const outcome = await slipway('go', recipe, '--offline', '--json');
  const printed = JSON.parse(outcome.stdout || '{}') as { run?: string; comparison?: string };
  if (!printed.run || !printed.comparison) throw new Error(`slipway go: ${outcome.stdout}${outcome.stderr}`);
  return { run: runFolder(testHome, printed.run), comparison: printed.comparison };
}

let run: string;
let comparison: string;
let server: RunningServer;

beforeAll(async () => {
  const model_folder = await testModel();
  // Other rows than those of the preferences' test, so that these are judged for the first time.
  ({ run, comparison } = await gone(short('reward', 'train: 32, dev: 6, test: 8', 'seed: 7\n')));
  server = await serveModels(testHome, {
    model_folder,
    runs: [servedRun(run)],
    port: 0,
    api_key: 'key',
    num_engines: 1,
    num_threads: 1,
    context_length: 512,
    onProgress: () => undefined,
  });
}, 600_000);

afterAll(async () => {
  await server?.close();
});

async function post(route: string, body: object): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${server.base_url}/${route}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer key' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

test('held-out pairs are scored, and a reward model may ship on them', async () => {
  const files = comparisonFiles(comparisonFolder(testHome, comparison));
  const kinds = readLines(files.evidence, Evidence).map(({ kind }) => kind);
  expect([kinds.filter((kind) => kind === 'scored-pair').length, kinds.filter((kind) => kind === 'preference').length]).toEqual([8, 8]);
  expect(kinds).toHaveLength(16);
  const [verdict] = readLines(files.verdicts, Verdict) as [Verdict];
  expect(verdict).toMatchObject({ metric: 'reward_accuracy', challenger: 'tuned' });
  expect(verdict.candidates[0]).toMatchObject({ candidate: 'tuned', num_rows: 8, tokens_per_second: null });
  const verified = await slipway('verify', comparison, '--replay', '2');
  expect(verified.code, verified.stderr).toBe(0);
  expect(verified.stdout).toContain('2 of 2 rows asked again have the same rewards of tuned');
});

test('the run says how often it is right on dev, and whether it goes by length', async () => {
  const artifact = readJson(runFiles(run).artifact, Artifact);
  expect(artifact).toMatchObject({ kind: 'reward-model', method: 'reward', reward: { num_pairs: 6 } });
  const view = runView(testHome, run, readEvents);
  expect(view.reward).toMatchObject({ num_rows: 6, accuracy: (artifact.reward?.num_right ?? 0) / 6 });
  expect(view.scored_pairs).toHaveLength(5);
  const verified = await slipway('verify', basename(run));
  expect([verified.code, verified.stderr]).toEqual([0, '']);
});

test('/v1/score gives what the trained model gave, in batches, in the order of the request', async () => {
  const references = readLines(runFiles(run).rewardReference, RewardReference);
  const input = references.map(({ messages }) => ({ messages }));
  const { status, body } = await post('score', { model: basename(run), input });
  expect(status).toBe(200);
  const data = body.data as { index: number; score: number }[];
  expect(data.map(({ index }) => index)).toEqual(references.map((_, index) => index));
  for (const [index, { reward }] of references.entries()) expect(data[index]?.score).toBeCloseTo(reward, 3);
  const [alone] = (await post('score', { model: basename(run), input: input[3] })).body.data as { score: number }[];
  expect(alone?.score).toBeCloseTo(references[3]?.reward as number, 3);
  const listed = (await (await fetch(`${server.base_url}/models`, { headers: { authorization: 'Bearer key' } })).json()) as {
    data: { id: string; is_reward_model?: true }[];
  };
  expect(listed.data.find(({ id }) => id === basename(run))?.is_reward_model).toBe(true);
});

test('what cannot be scored says why', async () => {
  const answer = {
    messages: [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
    ],
  };
  const problemOf = async (route: string, body: object) => {
    const { status, body: said } = await post(route, body);
    return `${status} ${(said.error as { message: string }).message}`;
  };
  const model = basename(run);
  expect(await problemOf('score', { model: 'smollm2-135m-instruct', input: answer })).toContain('is no reward model');
  expect(await problemOf('score', { model: 'nobody', input: answer })).toMatch(/^404/);
  expect(await problemOf('score', { model, input: { messages: answer.messages.slice(0, 1) } })).toContain(
    'must be the answer that is scored',
  );
  expect(await problemOf('score', { model, input: [] })).toMatch(/^400 input/);
  expect(await problemOf('score', { model, input: Array(257).fill(answer) })).toContain('at most 256 conversations');
  const torn = { messages: [answer.messages[0], { role: 'assistant', content: '\ud800' }] };
  expect(await problemOf('score', { model, input: torn })).toMatch(/^400 a text is not valid Unicode/);
  const long = { messages: [{ role: 'user', content: 'word '.repeat(9000) }, answer.messages[1]] };
  expect(await problemOf('score', { model, input: [answer, long] })).toMatch(/The prompt has 9\d{3} tokens/);
  const unrendered = {
    messages: [
      { role: 'user', content: 'a' },
      { ...answer.messages[1], thinking: 'hm' },
    ],
  };
  expect(await problemOf('score', { model, input: [answer, unrendered] })).toMatch(/^400 Row 2 has thinking/);
  expect(await problemOf('chat/completions', { model, messages: answer.messages.slice(0, 1) })).toContain('ask /v1/score');
});

test('a scorer that was killed is started again by the next request, and ends with its server', async () => {
  const scorers = () => children(process.pid).filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('worker\0score'));
  const [killed] = scorers() as [number];
  process.kill(killed, 'SIGKILL');
  await expect.poll(() => scorers()).not.toContain(killed);
  const messages = [
    { role: 'user', content: 'a' },
    { role: 'assistant', content: 'b' },
  ];
  // A request that meets its end is told to come again.
  await expect.poll(async () => (await post('score', { model: basename(run), input: { messages } })).status, { timeout: 60_000 }).toBe(200);
  // Ctrl-C in a terminal reaches it too: the server says when it ends.
  const [started] = scorers() as [number];
  process.kill(started, 'SIGINT');
  expect((await post('score', { model: basename(run), input: { messages } })).status).toBe(200);
  expect(scorers()).toEqual([started]);
});

/** Process ids (proc(5), task/…/children). */
function children(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

test('a reward model whose reference is another one’s is not served', async () => {
  const { rewardReference, artifact } = runFiles(run);
  const [kept, record] = [readFileSync(rewardReference, 'utf8'), readFileSync(artifact, 'utf8')];
  const [first, ...others] = readLines(rewardReference, RewardReference) as [RewardReference];
  writeFileSync(rewardReference, [{ ...first, reward: first.reward + 1 }, ...others].map((line) => `${JSON.stringify(line)}\n`).join(''));
  const served = await slipway('serve', basename(run), '--port', '0', '--json');
  expect(served.code).not.toBe(0);
  expect(served.stderr + served.stdout).toContain('reward-reference.jsonl');
  writeFileSync(rewardReference, kept);
  expect(readFileSync(artifact, 'utf8')).toBe(record);
});

test('a gate names it: it scores the answers of both, its accuracy stands beside the verdict, and every figure recomputes', async () => {
  const named = (text: string) =>
    text
      .replace('metric: preference_accuracy', `metric: reward_win_rate\nreward_model: ${basename(run)}`)
      .replace('baselines: [prompted, bare]', 'baselines: [bare]');
  const dpo = await gone(short('dpo', 'train: 8, dev: 4, test: 8', 'num_eval_generations: 0\nseed: 7\n', named));
  const files = comparisonFiles(comparisonFolder(testHome, dpo.comparison));
  const evidence = readLines(files.evidence, Evidence);
  expect(evidence.filter(({ kind }) => kind === 'reward')).toHaveLength(16);
  expect(evidence.filter(({ kind }) => kind === 'preference')).toHaveLength(16);
  const [verdict] = readLines(files.verdicts, Verdict) as [Verdict];
  expect(verdict.metric).toBe('reward_win_rate');
  expect(verdict.caveats.join()).toMatch(/scored by the reward model reward-\S+, which is right on \d of 6 pairs of its own dev rows/);
  for (const { reward_win_rate, preference_accuracy } of verdict.candidates) {
    expect(reward_win_rate).toBeGreaterThan(0);
    expect(reward_win_rate).toBeLessThan(1);
    expect(preference_accuracy).not.toBeNull();
  }
  const verified = await slipway('verify', dpo.comparison);
  expect([verified.code, verified.stderr]).toEqual([0, '']);
  // Neither a model that answers can be the reward model, nor a reward model a candidate.
  const recipe = join(folder, 'dpo.yaml');
  const gate = join(folder, 'dpo.gate.yaml');
  const text = readFileSync(gate, 'utf8');
  writeFileSync(gate, text.replace(`reward_model: ${basename(run)}`, `reward_model: ${basename(dpo.run)}`));
  expect((await slipway('go', recipe, '--offline', '--json')).stdout).toContain(`Run ${basename(dpo.run)} is no reward model`);
  writeFileSync(gate, text.replace('    model: base', `    model: ${basename(run)}`));
  expect((await slipway('go', recipe, '--offline', '--json')).stdout).toContain(
    `Run ${basename(run)} is a reward model: it scores answers`,
  );
  // A reward that was changed is found.
  const lines = readLines(files.evidence, Evidence);
  const changed = lines.map((line) => (line.kind === 'reward' ? { ...line, answer_sha256: 'another' } : line));
  writeFileSync(files.evidence, changed.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const caught = await slipway('verify', dpo.comparison);
  expect(caught.code).not.toBe(0);
  expect(caught.stderr).toContain("have no reward of the gate's reward model");
});

test('a reward model is refused where answers are wanted, and a gate of scores for a run that answers', async () => {
  const asReward = short('reward', 'train: 32, dev: 6, test: 8', 'seed: 7\n', (text) =>
    text.replace('reward_accuracy', 'preference_accuracy'),
  );
  const outcome = await slipway('go', asReward, '--offline', '--json');
  expect(outcome.stderr + outcome.stdout).toContain('of a reward model write reward_accuracy');
  const chat = await slipway('chat', basename(run), '--ask', 'Hello');
  expect(chat.code).not.toBe(0);
});
