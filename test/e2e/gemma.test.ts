/** Gemma 3 270M from its GGUF: tuned, exported, compared with the trained model in llama.cpp, and asked. */
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { generateIncidentReports } from '../../src/data/sample/incident-reports.js';
import { rowLines } from '../../src/data/splits.js';
import { Artifact } from '../../src/protocol/artifact.js';
import { Evidence, isOf } from '../../src/protocol/evidence.js';
import { Inspection } from '../../src/protocol/inspection.js';
import { buildAdapter } from '../../src/run/weights/build-adapter.js';
import { parityProblems } from '../../src/run/weights/parity.js';
import { readJson, readLines } from '../../src/store/files.js';
import { comparisonFiles, comparisonFolder, runFiles, runFolder } from '../../src/store/home.js';
import { temporaryFolder, testGemma, testHome } from '../support/home.js';
import { slipway } from '../support/slipway.js';

test('Gemma 3 goes the whole way, with parity at float32', async () => {
  const model = await testGemma();
  const folder = temporaryFolder('gemma');
  const { train, dev } = generateIncidentReports(5, { train: 8, dev: 3, test: 1 });
  writeFileSync(join(folder, 'train.jsonl'), rowLines(train));
  writeFileSync(join(folder, 'dev.jsonl'), rowLines(dev));
  const recipe = join(folder, 'gemma.yaml');
  writeFileSync(
    recipe,
    'model: gemma-3-270m\nmethod: sft\ndata: {train: train.jsonl, dev: dev.jsonl}\nlearning_rate: 0.001\nper_device_train_batch_size: 2\nnum_eval_generations: 0\nlora: {r: 4}\n',
  );
  const { stdout, stderr } = await slipway('tune', recipe, '--offline', '--json');
  const { run, status } = JSON.parse(stdout || '{}') as { run: string; status: string };
  expect({ status, stderr: status === 'done' ? '' : stderr }).toEqual({ status: 'done', stderr: '' });

  const files = runFiles(runFolder(testHome, run));
  const inspection = readJson(files.inspection, Inspection);
  expect(inspection.first_rows[0]?.text).toMatch(/^<bos><start_of_turn>user\n/);
  expect(inspection.first_rows[0]?.supervised_text[0]).toMatch(/^\{[\s\S]*\}<end_of_turn>$/);
  expect(inspection.splits.every((split) => split.is_end_of_turn_supervised)).toBe(true);
  const reached = readJson(files.artifact, Artifact).coverage.filter(({ num_reached_parameters }) => num_reached_parameters > 0);
  expect(reached.map(({ module_class }) => module_class).sort()).toEqual(['attention', 'mlp']);

  const { build } = await buildAdapter(runFolder(testHome, run), model, { served_mean_limit: 1, onProgress: () => undefined });
  expect(parityProblems(build.parity, 1)).toEqual([]);
  expect(build.parity.float32.num_rows_other_ids).toBe(0);
  expect(build.parity.float32.mean_nats).toBeLessThan(0.001);
  expect(build.parity.float32.adapter_change_nats).toBeGreaterThan(0.01);
  expect(build.parity.served.base_type).toBe('Q4_K_M');
  expect(basename(build.file.path)).toMatch(/^adapter-/);
}, 900_000);

test('two base models are compared on engines of their own, each by its own name', async () => {
  await testGemma();
  const rows = join(temporaryFolder('two-bases'), 'rows.jsonl');
  const colours = ['red', 'green', 'blue'];
  const lines = colours.map((colour) => ({ prompt: `Repeat this word and nothing else: ${colour}`, completion: colour }));
  writeFileSync(rows, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const { stdout, code } = await slipway('compare', 'smollm2-135m-instruct', 'gemma-3-270m', '--test', rows, '--json');
  const { conclusion, comparison } = JSON.parse(stdout) as { conclusion: string; comparison: string };
  expect([code, conclusion]).toEqual([0, 'too few rows: 3 groups, a verdict needs 10']);
  const evidence = readLines(comparisonFiles(comparisonFolder(testHome, comparison)).evidence, Evidence);
  const typesOf = (name: string) => new Set(evidence.filter((line) => isOf(line, name)).map(({ facts }) => facts?.quantization));
  expect([[...typesOf('smollm2-135m-instruct')], [...typesOf('gemma-3-270m')]]).toEqual([['Q4_1'], ['Q4_K_M']]);
  expect(JSON.parse((await slipway('verify', comparison, '--replay', '1', '--json')).stdout)).toMatchObject({ ok: true });
}, 600_000);
