/** A folder as the Hub has it, of a family that cannot be written as GGUF here: linked, trained, and not served. */
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { generateIncidentReports } from '../../src/data/sample/incident-reports.js';
import { rowLines } from '../../src/data/splits.js';
import { Artifact } from '../../src/protocol/artifact.js';
import { ModelRecord } from '../../src/protocol/model-record.js';
import { Plan } from '../../src/protocol/plan.js';
import { readJson } from '../../src/store/files.js';
import { attemptFiles, jobFiles, modelFiles, modelFolder, runFiles, runFolder } from '../../src/store/home.js';
import { readEvents } from '../../src/tune/read-events.js';
import { root, temporaryFolder, testHome, testModel, testPython } from '../support/home.js';
import { slipway } from '../support/slipway.js';

const ID = 'tiny-llama-4';
const folder = temporaryFolder('families');
const source = join(folder, 'transformers');
afterAll(() => rmSync(modelFolder(testHome, ID), { recursive: true, force: true }));

test('Llama 4’s wrapper, from a folder to an adapter', async () => {
  const script =
    'import sys; from pathlib import Path; from tiny_families import tiny_family; tiny_family("llama4", Path(sys.argv[1]), Path(sys.argv[2]))';
  const env = { ...process.env, PYTHONPATH: join(root, 'python', 'tests'), OMP_NUM_THREADS: '1' };
  execFileSync(testPython(), ['-c', script, await testModel(), folder], { env, stdio: 'ignore' });
  const config = JSON.parse(readFileSync(join(source, 'tokenizer_config.json'), 'utf8')) as Record<string, unknown>;
  writeFileSync(join(source, 'chat_template.jinja'), String(config.chat_template));
  writeFileSync(join(source, 'tokenizer_config.json'), JSON.stringify({ ...config, chat_template: undefined }));

  const pulled = await slipway('pull', source, '--name', ID, '--license', 'llama4', '--json');
  const record = ModelRecord.parse(JSON.parse(pulled.stdout));
  expect(record).toMatchObject({ id: ID, gguf: null, architecture: 'llama4', quantization: 'F32' });
  expect(record.training_only).toContain('attention_chunk_size 24');
  expect(lstatSync(modelFiles(modelFolder(testHome, ID)).transformers).isSymbolicLink()).toBe(true);
  expect((await slipway('serve', '--model', ID, '--json')).stdout).toContain('model-training-only');

  const { train, dev } = generateIncidentReports(5, { train: 8, dev: 3, test: 1 });
  writeFileSync(join(folder, 'train.jsonl'), rowLines(train));
  writeFileSync(join(folder, 'dev.jsonl'), rowLines(dev));
  const recipe = join(folder, 'scout.yaml');
  const experts = 'target_parameters: [feed_forward.experts.gate_up_proj, feed_forward.experts.down_proj]';
  writeFileSync(
    recipe,
    `model: ${ID}\nmethod: sft\ndata: {train: train.jsonl, dev: dev.jsonl}\nlearning_rate: 0.01\nlora: {r: 2, ${experts}}\n`,
  );
  const tuned = await slipway('tune', recipe, '--offline', '--json');
  const { run, status } = JSON.parse(tuned.stdout || '{}') as { run: string; status: string };
  expect({ status, stderr: status === 'done' ? '' : tuned.stderr }).toEqual({ status: 'done', stderr: '' });

  const files = runFiles(runFolder(testHome, run));
  const plan = readJson(attemptFiles(join(jobFiles(runFolder(testHome, run)).attempts, '1')).plan, Plan);
  const start = readEvents(runFolder(testHome, run)).find((event) => event.type === 'run-start');
  const sorted = (coverage: Plan['coverage']) => [...coverage].sort((a, b) => a.module_class.localeCompare(b.module_class));
  expect(start?.type === 'run-start' && sorted(start.coverage)).toEqual(sorted(plan.coverage));
  expect(plan.coverage.find(({ module_class }) => module_class === 'routed experts')?.num_trained_parameters).toBeGreaterThan(0);
  expect(readJson(files.artifact, Artifact)).toMatchObject({ kind: 'adapter', base: { id: ID } });
  expect(existsSync(files.lint)).toBe(true);

  // Weights that are not those of the config are refused before anything is linked.
  const other = JSON.parse(readFileSync(join(source, 'config.json'), 'utf8')) as { text_config: object };
  writeFileSync(join(source, 'config.json'), JSON.stringify({ ...other, text_config: { ...other.text_config, num_hidden_layers: 3 } }));
  expect((await slipway('pull', source, '--name', 'another', '--json')).stdout).toContain('its config.json says');
}, 600_000);
