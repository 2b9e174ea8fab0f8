/** The whole way on real weights: `slipway go` from the command line, offline, under a tracer; and what stands around it. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { verify } from '../../src/flow/keep/verify.js';
import { ggufServing } from '../../src/model/families/serving.js';
import { readSafetensors, writeSafetensors } from '../../src/model/folder/safetensors.js';
import { readGguf } from '../../src/model/gguf/read.js';
import { ParityReference } from '../../src/protocol/artifact.js';
import { Build } from '../../src/protocol/build.js';
import { Evidence, isOf } from '../../src/protocol/evidence.js';
import { Verdict } from '../../src/protocol/verdict.js';
import { buildAdapter } from '../../src/run/weights/build-adapter.js';
import { convertLora } from '../../src/run/weights/convert-lora.js';
import { measureParity, parityFigures, parityProblems } from '../../src/run/weights/parity.js';
import { readJson, readLines } from '../../src/store/files.js';
import { attemptFiles, comparisonFiles, comparisonFolder, listAttempts, modelFiles, runFiles, runFolder } from '../../src/store/home.js';
import { readLedger } from '../../src/store/ledger.js';
import { failure } from '../support/failure.js';
import { root, temporaryFolder, testHome, testModel } from '../support/home.js';
import { outcomeOf, slipway, slipwayProgram, spawnSlipway } from '../support/slipway.js';
import { shortRecipe } from './short-recipe.js';

const canTrace = process.getuid?.() === 0 && ['strace', 'unshare', 'ip'].every((program) => spawnSync('which', [program]).status === 0);
const { file: recipe } = shortRecipe();
const traceLog = join(temporaryFolder('trace'), 'trace.log');
let run: string;
let comparison: string;
let exitCode: number | null;

beforeAll(async () => {
  await testModel();
  const go = [...slipwayProgram, 'go', recipe, '--offline', '--json'];
  const outcome = await outcomeOf(canTrace ? [join(root, 'test', 'e2e', 'no-egress.sh'), traceLog, ...go] : go);
  exitCode = outcome.code;
  const printed = JSON.parse(outcome.stdout || '{}') as { run?: string; comparison?: string };
  if (!printed.run || !printed.comparison) throw new Error(`slipway go: ${outcome.stdout}${outcome.stderr}`);
  run = runFolder(testHome, printed.run);
  comparison = printed.comparison;
}, 1_200_000);

describe('slipway go', () => {
  test('ends with a verdict that rests on evidence under one gate', () => {
    const files = comparisonFiles(comparisonFolder(testHome, comparison));
    const [verdict] = readLines(files.verdicts, Verdict);
    const evidence = readLines(files.evidence, Evidence);
    expect(verdict?.challenger).toBe('tuned');
    expect(new Set(evidence.map(({ gate_sha256 }) => gate_sha256))).toEqual(new Set([verdict?.gate_sha256]));
    expect(evidence.filter(({ kind }) => kind === 'answer')).toHaveLength(24);
    // Rows that other programs have disturbed were timed again.
    expect(evidence.filter(({ kind, repeat }) => kind === 'timing' && repeat < 2)).toHaveLength(30);
    expect(evidence.filter(({ kind }) => kind === 'likelihood')).toHaveLength(24);
    expect(new Set(evidence.map(({ facts }) => JSON.stringify(facts))).size).toBe(1);
    expect(evidence[0]?.facts).toMatchObject({ quantization: 'Q4_1', num_threads: 1 });
    // Decoding held to a schema is valid JSON whenever it was not cut at max_tokens.
    const finished = evidence.filter((line) => line.kind === 'answer' && !isOf(line, 'bare') && line.finish_reason === 'stop');
    expect(finished.length).toBeGreaterThan(8);
    expect(finished.every((line) => line.kind === 'answer' && line.scores.valid_json === 1)).toBe(true);
    expect(verdict?.candidates.every(({ tokens_per_second }) => (tokens_per_second ?? 0) > 1)).toBe(true);
  });

  test.skipIf(!canTrace)('makes no attempt to leave the machine', () => {
    expect(existsSync(traceLog)).toBe(true);
    expect(exitCode).toBe(0);
  });

  const udp = (family: string, port: number, address: string) =>
    `const s = require('dgram').createSocket('${family}'); s.send('x', ${port}, '${address}', () => s.close())`;
  test.skipIf(!canTrace).each([
    ['an address outside', "fetch('http://192.0.2.7/').catch(() => {})", 97],
    ['one of IPv6', "fetch('http://[2001:db8::7]/').catch(() => {})", 97],
    ['a datagram', udp('udp4', 9, '192.0.2.7'), 97],
    ['an address that only looks like loopback', udp('udp4', 9, '128.127.0.1'), 97],
    ['a name, asked for by the system', "require('dns').lookup('example.org', () => {})", 97],
    [
      'a name, asked of a resolver on this machine',
      "const r = new (require('dns').Resolver)({ timeout: 100, tries: 1 }); r.setServers(['127.0.0.1']); r.resolve4('example.org', () => {})",
      97,
    ],
    ['nothing but loopback', "fetch('http://127.0.0.1:9/').catch(() => {}); fetch('http://[::1]:9/').catch(() => {})", 0],
  ])('the tracer counts %s', async (_, script, code) => {
    const log = join(temporaryFolder('trace'), 'trace.log');
    const outcome = await outcomeOf([join(root, 'test', 'e2e', 'no-egress.sh'), log, process.execPath, '-e', script]);
    expect(outcome.code).toBe(code);
  });

  test('run again, it reuses everything: no new run, no new evidence, no new verdict', async () => {
    const files = comparisonFiles(comparisonFolder(testHome, comparison));
    const before = [files.evidence, files.verdicts].map((file) => readFileSync(file, 'utf8'));
    const { stdout, stderr } = await slipway('go', recipe, '--offline', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ run: run.split('/').at(-1), comparison });
    expect(stderr).toContain('reused: inputs unchanged');
    expect([files.evidence, files.verdicts].map((file) => readFileSync(file, 'utf8'))).toEqual(before);
  }, 300_000);

  test('the home is its owner’s alone', () => {
    expect((statSync(testHome).mode & 0o777).toString(8)).toBe('700');
  });

  test('the worker never received a test row', () => {
    const test = readFileSync(comparisonFiles(comparisonFolder(testHome, comparison)).test, 'utf8').split('\n')[0] as string;
    expect(existsSync(join(run, 'data', 'test.jsonl'))).toBe(false);
    expect(readFileSync(runFiles(run).test, 'utf8')).toBe(
      readFileSync(comparisonFiles(comparisonFolder(testHome, comparison)).test, 'utf8'),
    );
    const asked = (JSON.parse(test) as { messages: { content: string }[] }).messages[1]?.content as string;
    for (const name of ['train.jsonl', 'dev.jsonl', 'inspection.json'])
      expect(readFileSync(join(run, 'data', name), 'utf8')).not.toContain(asked);
  });
});

describe('slipway verify', () => {
  test('recomputes the run, its parity and the comparison', async () => {
    const ofRun = await slipway('verify', run.split('/').at(-1) as string);
    expect(ofRun.stdout).toContain('parity measured again at F32');
    expect(ofRun.code).toBe(0);
    const ofComparison = await slipway('verify', comparison, '--json');
    expect(JSON.parse(ofComparison.stdout)).toMatchObject({ ok: true, kind: 'comparison' });
  }, 300_000);

  test('asks rows again, and a head of the ledger that was seen is found again', async () => {
    const { head } = readLedger(testHome);
    const { stdout, code } = await slipway('verify', comparison, '--replay', '2', '--ledger-head', head.slice(0, 20));
    expect([code, stdout]).toEqual([0, expect.stringContaining('2 of 2 rows asked again have the same answer of tuned')]);
    expect(stdout).toMatch(/the ledger up to line \d+ is the one that was seen/);
    const other = await slipway('verify', comparison, '--ledger-head', 'f'.repeat(64));
    expect([other.code, other.stderr]).toEqual([6, expect.stringContaining('it is not the ledger that was seen')]);
  }, 300_000);

  test('an approval is signed, verified and shown', async () => {
    const { stdout, code } = await slipway('approve', comparison, '--as', 'Ana Ruiz');
    expect([code, stdout]).toEqual([0, expect.stringContaining(`${comparison} is approved by Ana Ruiz, signed with key`)]);
    expect((await slipway('verify', comparison)).stdout).toContain('1 approval with signature');
  });

  const attempt = () => attemptFiles(listAttempts(run)[0] as string);
  test.each<[string, () => string, (text: string) => string, RegExp, boolean]>([
    [
      'the plan’s parity limit',
      () => attempt().plan,
      (text) => text.replace(/"served_mean_nats": [\d.]+/, '"served_mean_nats": 9'),
      /plan\.json is not as it was/,
      true,
    ],
    [
      'a loss among the events',
      () => attempt().events,
      (text) => text.replace(/"loss":\s*[\d.]+/, '"loss": 0.001'),
      /events\.jsonl is not as it was/,
      true,
    ],
    ['how the attempt ended', () => attempt().exit, (text) => text.replace('"code": 0', '"code": 1'), /exit\.json is not as it was/, false],
    ['a dev row', () => runFiles(run).dev, (text) => text.slice(text.indexOf('\n') + 1), /data\/dev\.jsonl is not as it was/, false],
    ['the recipe', () => runFiles(run).recipe, (text) => `${text}# edited\n`, /recipe\.yaml is not as it was/, false],
    [
      'the record',
      () => runFiles(run).record,
      (text) => text.replace('"created_at": "2', '"created_at": "1'),
      /run\.json is not as it was/,
      false,
    ],
    [
      'the parity reference',
      () => runFiles(run).parityReference,
      (text) => text.slice(text.indexOf('\n') + 1),
      /parity-reference\.jsonl/,
      true,
    ],
    [
      'figures of the build',
      () => runFiles(run).build,
      (text) => text.replace(/"mean_nats": [\d.e-]+/, '"mean_nats": 0.00001'),
      /build\.json is not the one/,
      true,
    ],
    ['raw values of parity', () => runFiles(run).parity, (text) => text.replace(/-\d\.\d+/, '-0.5'), /parity\.jsonl has sha256/, true],
  ])(
    'not-verified: %s edited is found by verify, and what serving rests on by serving',
    async (_, fileOf, change, told, isServed) => {
      const file = fileOf();
      const before = readFileSync(file, 'utf8');
      expect(change(before)).not.toBe(before);
      writeFileSync(file, change(before));
      const serve = async () => buildAdapter(run, await testModel(), { served_mean_limit: 0.5, onProgress: () => undefined });
      try {
        const verified = () => verify(testHome, run.split('/').at(-1) as string, { onProgress: () => undefined });
        for (const act of isServed ? [verified, serve] : [verified])
          expect(await failure(act)).toMatchObject({ code: 'not-verified', message: expect.stringMatching(told) });
      } finally {
        writeFileSync(file, before);
      }
    },
    120_000,
  );

  test('not-verified: one byte of the adapter changed is found before it is served', async () => {
    const { ggufLora, build, adapterWeights } = runFiles(run);
    for (const file of [join(ggufLora, readJson(build, Build).file.path), adapterWeights]) {
      const before = readFileSync(file);
      const after = Buffer.from(before);
      after[after.length - 1] = (after.at(-1) as number) ^ 1;
      writeFileSync(file, after);
      const refused = await failure(async () =>
        buildAdapter(run, await testModel(), { served_mean_limit: 0.5, onProgress: () => undefined }),
      );
      writeFileSync(file, before);
      expect(refused.code).toBe('not-verified');
    }
  }, 120_000);

  test('fresh-test draws rows that nothing was measured on; training is reused', async () => {
    const kept = readFileSync(recipe, 'utf8');
    const { stdout, code } = await slipway('fresh-test', recipe, '--json');
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { is_drawn: true, num_rows: 8, num_left: null, file: null }]);
    expect(readFileSync(recipe, 'utf8')).toMatch(/test: 8, test_seed: \d+/);
    // Its comments stay.
    expect(readFileSync(recipe, 'utf8').split('\n')[0]).toBe(kept.split('\n')[0]);
    const tuned = await slipway('tune', recipe, '--offline', '--json');
    expect([tuned.code, JSON.parse(tuned.stdout)]).toMatchObject([0, { run: run.split('/').at(-1), status: 'done' }]);
    const again = await slipway('fresh-test', recipe);
    expect(again.stdout).toContain('were not judged on yet');
    writeFileSync(recipe, kept);
  }, 120_000);

  test('not-verified: one changed answer is found', async () => {
    const files = comparisonFiles(comparisonFolder(testHome, comparison));
    const original = readFileSync(files.evidence, 'utf8');
    writeFileSync(files.evidence, original.replace('"exact_match":0', '"exact_match":1'));
    const outcome = await slipway('verify', comparison);
    writeFileSync(files.evidence, original);
    expect(outcome.code).toBe(6);
    expect(outcome.stderr).toContain('not-verified');
    expect(outcome.stderr).toContain('other figures than its answer give');
  });

  test('evidence-duplicate: a line that is there twice is refused by verify, go and the next attempt', async () => {
    const files = comparisonFiles(comparisonFolder(testHome, comparison));
    const original = readFileSync(files.evidence, 'utf8');
    appendFileSync(files.evidence, `${original.split('\n')[0]}\n`);
    const outcomes = [await slipway('go', recipe, '--offline', '--json'), await slipway('verify', comparison, '--json')];
    writeFileSync(files.evidence, original);
    for (const { stdout, code } of outcomes) {
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'evidence-duplicate' } });
      expect(code).toBe(6);
    }
  }, 300_000);

  test('more evidence after the verdict is found by go', async () => {
    const files = comparisonFiles(comparisonFolder(testHome, comparison));
    const original = readFileSync(files.evidence, 'utf8');
    const more = JSON.parse(original.split('\n')[0] as string) as object;
    appendFileSync(files.evidence, `${JSON.stringify({ ...more, id: 'another' })}\n`);
    const { stdout, code } = await slipway('go', recipe, '--offline', '--json');
    writeFileSync(files.evidence, original);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'not-verified' } });
    expect(code).toBe(6);
  }, 300_000);
});

describe('parity', () => {
  const adapterOf = () => join(runFiles(run).ggufLora, readJson(runFiles(run).build, Build).file.path);
  const measureWith = async (adapter: string, template?: string) => {
    const model = modelFiles(await testModel());
    const references = readLines(runFiles(run).parityReference, ParityReference).slice(0, 2);
    const chat_template = template ?? ggufServing(await readGguf(model.gguf)).chat_template;
    const engine = { gguf: model.float32Gguf, num_threads: 1, context_length: 256, cache_type: 'F32' as const };
    const figures = parityFigures('F32', references, await measureParity({ engine, adapter, chat_template, references }));
    return { figures, problems: parityProblems({ float32: figures, served: figures }, 0.1) };
  };
  /** The run's adapter with its weights changed, as a GGUF. */
  const mutated = async (change: (name: string, weights: Float32Array, shape: number[]) => Float32Array) => {
    const folder = temporaryFolder('mutant');
    const artifact = runFiles(run).artifactFolder;
    const tensors = await readSafetensors(join(artifact, 'adapter_model.safetensors'));
    writeFileSync(join(folder, 'adapter_config.json'), readFileSync(join(artifact, 'adapter_config.json')));
    await writeSafetensors(
      join(folder, 'adapter_model.safetensors'),
      tensors.map(({ name, shape, weights }) => ({ name, shape, read: async () => change(name, weights, shape) })),
    );
    const output = join(folder, 'mutant.gguf');
    await convertLora(folder, ggufServing(await readGguf(modelFiles(await testModel()).gguf)), output);
    return output;
  };

  test('the build passed at float32, and its adapter changes the logits', () => {
    const { parity } = readJson(runFiles(run).build, Build);
    expect(parityProblems(parity, 0.1)).toEqual([]);
    expect(parity.float32.num_rows_other_ids).toBe(0);
    expect(parity.float32.mean_nats).toBeLessThan(0.001);
    expect(parity.float32.worst_nats).toBeLessThan(0.02);
    expect(parity.float32.adapter_change_nats).toBeGreaterThan(0.01);
  });

  test('an adapter scaled by 0.9 fails', async () => {
    const { problems } = await measureWith(
      await mutated((name, weights) => (name.includes('lora_B') ? weights.map((value) => value * 0.9) : weights)),
    );
    expect(problems.join()).toContain('mean difference at F32');
  }, 120_000);

  test("one layer's lora_B with its rows permuted fails", async () => {
    const reversed = (weights: Float32Array, [rows, columns]: number[]) => {
      const turned = new Float32Array(weights.length);
      for (let row = 0; row < (rows as number); row++) {
        turned.set(
          weights.subarray(row * (columns as number), (row + 1) * (columns as number)),
          ((rows as number) - 1 - row) * (columns as number),
        );
      }
      return turned;
    };
    const { problems } = await measureWith(
      await mutated((name, weights, shape) => (name.includes('layers.13.self_attn.q_proj.lora_B') ? reversed(weights, shape) : weights)),
    );
    expect(problems.join()).toContain('difference at F32');
  }, 120_000);

  test('an adapter of zeros changes nothing and fails', async () => {
    const { problems } = await measureWith(await mutated((name, weights) => (name.includes('lora_B') ? weights.map(() => 0) : weights)));
    expect(problems.join()).toContain('the adapter changes log-probabilities by');
  }, 120_000);

  // SmolLM2 begins with <|im_start|>, which is its BOS token.
  test.each([
    ['a doubled BOS', (template: string) => `{{ '<|im_start|>' }}${template}`],
    ['a changed template', (template: string) => template.replaceAll("'\n'", "'\n\n'")],
    [
      'a dropped BOS',
      (template: string) =>
        `{% set kept = namespace(first=true) %}${template.replace("{{'<|im_start|>' + message", "{{ ('' if loop.first else '<|im_start|>') + message")}`,
    ],
  ])(
    '%s makes other ids and fails',
    async (_, change) => {
      const template = ggufServing(await readGguf(modelFiles(await testModel()).gguf)).chat_template;
      expect(change(template)).not.toBe(template);
      const { problems } = await measureWith(adapterOf(), change(template));
      expect(problems.join()).toContain('other token ids');
    },
    120_000,
  );

  test('parity-failed: a build beyond its limit is not served, and the figures are told', async () => {
    const refused = await failure(async () =>
      buildAdapter(run, await testModel(), { served_mean_limit: 1e-9, onProgress: () => undefined }),
    );
    expect(refused).toMatchObject({ code: 'parity-failed', exit_code: 6 });
    expect(refused.message).toMatch(/mean difference at Q4_1 is [\d.e-]+ nats, limit 1e-9/);
  }, 300_000);
});

/** The first place of a stream that a pattern fits. */
const firstMatch = (stream: NodeJS.ReadableStream, pattern: RegExp) =>
  new Promise<RegExpExecArray>((resolve) => {
    let text = '';
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const found = pattern.exec(text);
      if (found) resolve(found);
    });
  });

describe('what a person does next', () => {
  test('go ends with a page: the verdict in one line, then its address, served until Ctrl-C', async () => {
    const { child, ended } = spawnSlipway({}, 'go', recipe, '--offline');
    const [, line, link] = await firstMatch(
      child.stdout as NodeJS.ReadableStream,
      /\n((?:SHIP|SKIP|HOLD): .*)\n(http:\S+\/compare\/\S+-vs-\S+)\n/,
    );
    expect(line).toContain('tuned leads');
    const signedIn = await fetch(link as string, { redirect: 'manual' });
    const cookie = String(signedIn.headers.get('set-cookie')).split(';')[0] as string;
    const page = await fetch(new URL(signedIn.headers.get('location') ?? '', link), { headers: { cookie } });
    const html = await page.text();
    expect([page.status, html.includes('Reviewer scorecard'), html.includes(comparison)]).toEqual([200, true, true]);
    child.kill('SIGINT');
    expect((await ended).code).toBe(0);
  }, 300_000);

  test('--no-serve ends with the verdict', async () => {
    const { stdout, code } = await slipway('go', recipe, '--offline', '--no-serve');
    expect([code, stdout.includes('slipway verify')]).toEqual([0, true]);
    const { decision } = readLines(comparisonFiles(comparisonFolder(testHome, comparison)).verdicts, Verdict)[0] as Verdict;
    const scripted = await slipway('go', recipe, '--offline', '--json', '--exit-code');
    expect([decision, scripted.code]).toEqual([decision, { ship: 0, skip: 10, hold: 11 }[decision]]);
    expect(stdout).not.toContain('/compare/');
  }, 300_000);

  test('serve tells address, id, curl, Python and vLLM, with the files there are', async () => {
    const id = run.split('/').at(-1) as string;
    // Serving reads the plan: the run's recipe need not even be there.
    const hidden = `${runFiles(run).recipe}.hidden`;
    renameSync(runFiles(run).recipe, hidden);
    const { child, ended } = spawnSlipway({}, 'serve', id);
    const [, told] = await firstMatch(child.stdout as NodeJS.ReadableStream, /([\s\S]*Ctrl-C ends it\.)/);
    const address = /address {3}(\S+)/.exec(told ?? '')?.[1] as string;
    expect(told).toContain(`model id  ${id}`);
    expect(told).toContain(`curl ${address}/chat/completions`);
    expect(told).toContain(`OpenAI(base_url="${address}"`);
    const [, base, adapter] = /vllm serve (\S+) .*--enable-lora --max-lora-rank 16 --lora-modules \S+=(\S+)/.exec(told ?? '') ?? [];
    expect([join(base as string, 'config.json'), join(adapter as string, 'adapter_config.json')].map((file) => existsSync(file))).toEqual([
      true,
      true,
    ]);
    const key = /key {7}(\S+)/.exec(told ?? '')?.[1] as string;
    expect(told).toContain(`-H 'authorization: Bearer ${key}'`);
    expect((await fetch(`${address}/models`)).status).toBe(401);
    const listed = await fetch(`${address}/models`, { headers: { authorization: `Bearer ${key}` } });
    expect(((await listed.json()) as { data: object[] }).data).toHaveLength(2);
    child.kill('SIGINT');
    await ended;
    renameSync(hidden, runFiles(run).recipe);
  }, 300_000);
});

describe('looking at it by hand', () => {
  test('runs, show, check, plan and doctor tell, as text and as JSON', async () => {
    const id = run.split('/').at(-1) as string;
    expect((await slipway('runs')).stdout).toMatch(new RegExp(`${id} +done .* (ship|skip|hold) `));
    const shown = await slipway('show', id);
    expect(shown.stdout).toMatch(/attention\s+[\d,]+\s+66\.7 %/);
    expect(JSON.parse((await slipway('show', id, '--json')).stdout)).toMatchObject({ status: 'done', num_attempts: 1 });
    expect((await slipway('check', recipe, '--offline')).stdout).toMatch(/the gate:\n {4}tuned ships only if[\s\S]*No problems\./);
    const plan = JSON.parse((await slipway('plan', recipe, '--offline', '--set', 'lora.r=8', '--json')).stdout) as {
      values: { lora: { r: number } };
      sources: Record<string, unknown>;
      gate_sha256: string;
    };
    expect([plan.values.lora.r, plan.sources['lora.r']]).toEqual([8, { source: 'command line' }]);
    expect(plan.sources.learning_rate).toMatchObject({ source: 'recipe' });
    expect(plan.gate_sha256).toMatch(/^[0-9a-f]{64}$/);
    expect((await slipway('plan', recipe, '--offline')).stdout).toMatch(/lora_dropout\s+0\s+default/);
    expect(JSON.parse((await slipway('doctor', '--json')).stdout)).toContainEqual(
      expect.objectContaining({ what: 'environment', found: 'ready' }),
    );
  }, 120_000);

  test('every command has help with an example, and a mistyped one a suggestion', async () => {
    for (const command of [
      'go',
      'new',
      'check',
      'plan',
      'tune',
      'runs',
      'comparisons',
      'show',
      'stop',
      'resume',
      'serve',
      'studio',
      'chat',
      'compare',
      'models',
      'pull',
      'rm',
      'report',
      'price',
      'verify',
      'doctor',
    ]) {
      const { stdout, code } = await slipway(command, '--help');
      expect([command, code, stdout.includes(`$ slipway ${command}`), stdout.includes('--json')]).toEqual([command, 0, true, true]);
    }
    expect((await slipway('tun', 'x')).stderr).toContain('Did you mean');
  });

  test('run-not-resumable, not-running: a run that is done is not resumed, and not stopped', async () => {
    const id = run.split('/').at(-1) as string;
    for (const [command, error] of [
      ['resume', 'run-not-resumable'],
      ['stop', 'not-running'],
    ] as const) {
      const { code, stdout } = await slipway(command, id, '--json');
      expect([code, JSON.parse(stdout).error.code, JSON.parse(stdout).error.message]).toEqual([6, error, expect.stringContaining('done')]);
    }
  });
});

describe('slipway compare', () => {
  const testFile = () => comparisonFiles(comparisonFolder(testHome, comparison)).test;

  test('judges two in turn on the rows the run has set aside, one of them served elsewhere under its own name', async () => {
    process.env.OTHER_KEY = 'sk-elsewhere';
    const other = spawnSlipway({}, 'serve', '--model', 'smollm2-135m-instruct', '--api-key', process.env.OTHER_KEY, '--json');
    const [served] = await firstMatch(other.child.stdout as NodeJS.ReadableStream, /\{[\s\S]*\}/);
    const { base_url } = JSON.parse(served as string) as { base_url: string };
    const run_id = run.split('/').at(-1) as string;
    // The user's recipe may have changed since: the run's own rows are measured on.
    const kept = readFileSync(recipe, 'utf8');
    writeFileSync(recipe, kept.replace('test: 8', 'test: 30'));
    const { stdout, stderr, code } = await slipway(
      'compare',
      run_id,
      `${base_url}#smollm2-135m-instruct`,
      '--api-key-env',
      'OTHER_KEY',
      '--json',
    );
    writeFileSync(recipe, kept);
    other.child.kill('SIGINT');
    await other.ended;
    const { conclusion, verdicts } = JSON.parse(stdout) as { conclusion: string; verdicts: Verdict[] };
    expect([code, stderr.includes('8 rows')]).toEqual([0, true]);
    // The run's own comparison was the first attempt on these rows; the base as a challenger is another question.
    expect(verdicts.map(({ challenger, attempt, planned_attempts }) => [challenger, attempt, planned_attempts])).toEqual([
      [basename(recipe, '.yaml'), 2, 1],
      ['smollm2-135m-instruct', 1, 2],
    ]);
    expect(conclusion).toMatch(/^too few rows: 8 groups, a verdict needs 10$|^not decided: these rows are used up/);
  }, 600_000);

  test('a model is not compared with itself', async () => {
    const { stdout } = await slipway('compare', 'smollm2-135m-instruct', 'smollm2-135m-instruct', '--test', testFile(), '--json');
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'candidates-identical' } });
  }, 120_000);
});
