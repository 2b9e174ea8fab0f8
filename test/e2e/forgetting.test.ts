/** An adapter overtrained until it answers small talk with a record fails the guardrail of the quickstart's gate. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listServedModels } from '../../src/compare/evidence/ask.js';
import { gatherLikelihoods } from '../../src/compare/evidence/gather-likelihoods.js';
import type { Measuring } from '../../src/compare/evidence/measuring.js';
import { openRecorder } from '../../src/compare/evidence/recorder.js';
import { readGate } from '../../src/compare/read-gate.js';
import { reachVerdict } from '../../src/compare/verdict/reach-verdict.js';
import { generateIncidentReports } from '../../src/data/sample/incident-reports.js';
import { rowLines } from '../../src/data/splits.js';
import type { ServedModel } from '../../src/protocol/endpoint.js';
import { serveModels } from '../../src/run/serve-models.js';
import { runFolder } from '../../src/store/home.js';
import { root, temporaryFolder, testHome, testModel } from '../support/home.js';
import { slipway } from '../support/slipway.js';

test('forgetting is measured, and too much of it means skip', async () => {
  const folder = temporaryFolder('forgetting');
  // No system prompt and no chats among the rows: whatever is asked becomes a record.
  const rows = generateIncidentReports(9, { train: 16, dev: 1, test: 1 }).train.filter(({ group }) => group);
  const bare = rows.map(({ messages }) => ({ messages: messages.filter(({ role }) => role !== 'system') }));
  writeFileSync(join(folder, 'train.jsonl'), rowLines(bare));
  writeFileSync(
    join(folder, 'overtrained.yaml'),
    'model: smollm2-135m-instruct\nmethod: sft\ndata: {train: train.jsonl}\nlearning_rate: 0.003\nnum_train_epochs: 6\nper_device_train_batch_size: 4\nlora: {r: 8}\n',
  );
  const { run } = JSON.parse((await slipway('tune', join(folder, 'overtrained.yaml'), '--json')).stdout) as { run: string };
  const server = await serveModels(testHome, {
    model_folder: await testModel(),
    runs: [{ folder: runFolder(testHome, run), python: '', served_mean_limit: 1 }],
    port: 0,
    api_key: null,
    num_engines: 2,
    num_threads: 1,
    context_length: 512,
    onProgress: () => undefined,
  });
  try {
    const endpoint = { base_url: server.base_url, model: run };
    const [base, tuned] = (await listServedModels(endpoint)) as [ServedModel, ServedModel];
    const { gate, sha256 } = readGate(join(root, 'recipes', 'quickstart.gate.yaml'));
    const recorder = openRecorder({ file: join(folder, 'evidence.jsonl'), gate_sha256: sha256, channel: 'measured' });
    const challenger = {
      name: 'tuned',
      model: run,
      identity: 'tuned',
      decoding: { temperature: 0, max_tokens: 40, json_schema: false },
    } as never;
    await gatherLikelihoods(challenger, {
      servedOf: () => ({ endpoint, model: tuned, base }),
      recorder,
      concurrency: 2,
      shouldStop: () => false,
      onProgress: () => undefined,
    } as unknown as Measuring);
    const verdict = reachVerdict(gate, recorder.lines(), { attempt: 1, planned: 1 });
    expect(verdict.guardrails.find(({ guardrail }) => guardrail === 'forgetting_nats')).toMatchObject({ state: 'fails' });
    expect(verdict.decision).toBe('skip');
  } finally {
    await server.close();
  }
}, 600_000);
