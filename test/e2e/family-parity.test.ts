/** Every form on every family, as llama.cpp computes it: the same ids, and at float32 the same log-probabilities as the trained model. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ggufServing } from '../../src/model/families/serving.js';
import { readGguf } from '../../src/model/gguf/read.js';
import { ParityReference } from '../../src/protocol/artifact.js';
import { ModelRecord } from '../../src/protocol/model-record.js';
import { buildAdapter } from '../../src/run/weights/build-adapter.js';
import { convertLora } from '../../src/run/weights/convert-lora.js';
import { float32Problems, measureParity, parityFigures } from '../../src/run/weights/parity.js';
import { resolveModel } from '../../src/run/weights/resolve-model.js';
import { readJson, readLines } from '../../src/store/files.js';
import { modelFiles } from '../../src/store/home.js';
import { failure } from '../support/failure.js';
import { root, temporaryFolder, testModel, testPython } from '../support/home.js';

const folder = temporaryFolder('family-parity');
const home = temporaryFolder('family-home');
const FAMILIES = ['llama', 'gemma3_text', 'gemma3', 'llama4_text', 'llama4'];

beforeAll(async () => {
  const env = { ...process.env, PYTHONPATH: join(root, 'python'), OMP_NUM_THREADS: '1' };
  execFileSync(testPython(), [join(root, 'python', 'tests', 'train_families.py'), await testModel(), folder], { env, stdio: 'ignore' });
}, 600_000);

const pull = (path: string, id: string) =>
  resolveModel(home, path, { offline: true, license: 'none', id, python: async () => testPython(), onProgress: () => undefined });

describe.each(FAMILIES)('%s', (family) => {
  test('the base is taken in with a float32 GGUF', async () => {
    const model = await pull(join(folder, family, 'transformers'), family);
    const record = readJson(modelFiles(model).record, ModelRecord);
    expect(record.training_only).toBeUndefined();
    expect(record.gguf).not.toBeNull();
  });

  test.each(['lora', 'rslora', 'qlora'])('%s', async (form) => {
    const gguf = modelFiles(await pull(join(folder, family, 'transformers'), family)).float32Gguf;
    const base = ggufServing(await readGguf(gguf));
    const artifact = join(folder, `${family}-${form}`, 'artifact');
    const adapter = join(artifact, 'adapter.gguf');
    await convertLora(artifact, base, adapter);
    const references = readLines(join(artifact, 'parity-reference.jsonl'), ParityReference);
    const rows = await measureParity({
      engine: { gguf, num_threads: 1, context_length: 256, cache_type: 'F32' },
      adapter,
      chat_template: base.chat_template,
      references,
    });
    const figures = parityFigures('F32', references, rows);
    expect({ problems: float32Problems(figures), rows: figures.num_rows }).toEqual({ problems: [], rows: 8 });
    expect(figures.adapter_change_nats).toBeGreaterThan(1e-4);
    // The 4-bit model that was trained is another base than any that is served: what that costs is a figure of its own.
    expect(references.every(({ trained_logprobs }) => (trained_logprobs !== undefined) === (form === 'qlora'))).toBe(true);
    if (form !== 'qlora') return;
    const trained = references.map(({ trained_logprobs = [] }) => ({ logprobs: trained_logprobs }));
    const cost = parityFigures('F32, trained in 4 bits (NF4)', trained, rows);
    expect([cost.num_tokens, cost.mean_nats > figures.mean_nats, cost.mean_nats < 1]).toEqual([figures.num_tokens, true, true]);
  });

  test('full: the artifact is pulled as a model of its own, and compared with the trained weights', async () => {
    const run = join(folder, `${family}-full`);
    const artifact = join(run, 'artifact');
    const options = { served_mean_limit: 1, onProgress: () => undefined };
    expect((await failure(() => buildAdapter(run, join(home, 'models', family), options))).code).toBe('artifact-is-model');
    const model = await pull(artifact, `${family}-full`);
    expect(readJson(modelFiles(model).record, ModelRecord).gguf).not.toBeNull();
    const references = readLines(join(artifact, 'parity-reference.jsonl'), ParityReference);
    const other = modelFiles(await pull(join(folder, family, 'transformers'), family)).float32Gguf;
    const engine = { gguf: other, num_threads: 1, context_length: 256, cache_type: 'F32' as const };
    const { chat_template } = ggufServing(await readGguf(other));
    // The gate is no formality: the base does not pass as what was made of it.
    const rows = await measureParity({ engine, adapter: null, chat_template, references });
    expect(float32Problems(parityFigures('F32', references, rows))).not.toEqual([]);
  });
});
