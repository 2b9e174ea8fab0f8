// Slipway's side of a benchmark: `slipway tune` on the rows, and what its events tell.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { readLines } from './rows.mjs';
import { timed } from './timed.mjs';

const MAIN = join(import.meta.dirname, '..', 'dist', 'cli', 'main.js');

/** Models that a script of this folder makes; others are known to Slipway. */
const MODELS = {
  'llama4-16e': { id: 'bench-llama4-16e', maker: 'llama4.py' },
  'long-context': { id: 'bench-long-context', maker: 'long_context.py' },
};

/** @param home a Slipway home in the cache */
export class SlipwayRunner {
  constructor(home) {
    this.home = home;
    this.env = { ...process.env, SLIPWAY_HOME: home, NO_COLOR: '1' };
    mkdirSync(home, { recursive: true, mode: 0o700 });
  }

  /** The Python environment and the model, once. @returns the model's Transformers folder */
  prepare(model, folder) {
    this.run(['doctor', '--fix'], folder);
    const { id, maker } = MODELS[model] ?? { id: model };
    const files = join(this.home, 'models', id, 'transformers');
    if (!maker) this.run(['pull', id], folder);
    else if (!existsSync(files)) {
      const made = join(folder, id);
      const tokenizer = this.prepare('smollm2-135m-instruct', folder);
      spawnSync(this.python(), [join(import.meta.dirname, 'models', maker), tokenizer, made], { stdio: ['ignore', 'ignore', 2] });
      this.run(['pull', made, '--name', id, '--license', 'none'], folder);
    }
    return files;
  }

  run(words, cwd) {
    const { status } = spawnSync(process.execPath, [MAIN, ...words], { env: this.env, cwd, stdio: ['ignore', 'ignore', 2] });
    if (status !== 0) throw new Error(`slipway ${words.join(' ')} failed`);
  }

  writeRecipe({ model, work, recipe }, folder) {
    const file = join(folder, 'bench.yaml');
    const rows = { data: { train: 'rows.jsonl' }, allow: ['near-duplicates', 'experts-frozen'] };
    const steps = {
      seed: 42,
      learning_rate: work.rate,
      lr_scheduler_type: 'constant',
      warmup_steps: 0,
      per_device_train_batch_size: work.batch,
    };
    writeFileSync(file, stringify({ model, method: 'sft', ...rows, ...steps, ...recipe }));
    return file;
  }

  python() {
    const environments = join(this.home, 'environments');
    const name = readdirSync(environments).find((one) => existsSync(join(environments, one, 'bin', 'python')));
    return join(environments, name, 'bin', 'python');
  }

  /** Slipway shuffles rows by the run's seed with accelerate's sampler; peers take theirs in the file's order. */
  orderOfRows(count) {
    const program = `import torch; g = torch.Generator(); g.manual_seed(42); print(torch.randperm(${count}, generator=g).tolist())`;
    return JSON.parse(spawnSync(this.python(), ['-c', program], { encoding: 'utf8' }).stdout);
  }

  /** Share of what torch's matrix product reaches here: of the frozen matrices, forward and backward, and of the head where it is supervised. */
  shareOfMatrixRate(model, { real_tokens, supervised, seconds }, batches) {
    const config = JSON.parse(readFileSync(join(this.home, 'models', model, 'transformers', 'config.json'), 'utf8'));
    const { hidden_size: hidden, intermediate_size: wide, num_attention_heads: heads, num_key_value_heads: keys } = config;
    const head = config.head_dim ?? hidden / heads;
    const weights = config.num_hidden_layers * hidden * (2 * heads * head + 2 * keys * head + 3 * wide);
    const operations = 4 * (weights * real_tokens + config.vocab_size * hidden * supervised);
    const sizes = [Math.round(real_tokens / batches), hidden, wide].map(String);
    const words = [join(import.meta.dirname, 'matrix_rate.py'), ...sizes];
    return operations / seconds / Number(spawnSync(this.python(), words, { encoding: 'utf8' }).stdout);
  }

  /** One run from the trial batch's end to the last step's. */
  async measure(asked, folder) {
    rmSync(join(this.home, 'runs'), { recursive: true, force: true });
    const recipe = this.writeRecipe({ ...asked, model: MODELS[asked.model]?.id ?? asked.model }, folder);
    const log = join(folder, 'slipway.txt');
    const othersBetween = await timed([process.execPath, MAIN, 'tune', recipe, '--json'], { env: this.env, cwd: folder, log });
    const [run] = readdirSync(join(this.home, 'runs'));
    if (!run) throw new Error(`slipway made no run: see ${log}`);
    const folderOfRun = join(this.home, 'runs', run);
    const events = readLines(join(folderOfRun, 'attempts', '1', 'events.jsonl'));
    const steps = events.filter(({ type }) => type === 'step-end');
    const begin = events.find(({ type }) => type === 'worst-batch');
    if (!begin || steps.length === 0) throw new Error(`slipway made no step: see ${log}`);
    const token_rows = readLines(join(folderOfRun, 'data', 'tokens-train.jsonl'));
    const learnt = token_rows.filter(({ part }) => part !== 'mismatched');
    const spans = learnt.flatMap(({ supervised }) => supervised);
    // What the policy is compared with is computed first, and counts.
    const reference = events.findIndex(({ name }) => name?.startsWith('computing the reference'));
    const timeOf = (event) => Date.parse(event.at);
    const before = reference < 0 ? 0 : timeOf(events[reference + 1]) - timeOf(events[reference]);
    const [start, end] = [timeOf(begin), timeOf(steps.at(-1))];
    return {
      others_s: othersBetween(reference < 0 ? start : timeOf(events[reference]), end),
      token_rows,
      seconds: (end - start + before) / 1000,
      peak_bytes: steps.at(-1).memory_bytes,
      forecast_bytes: begin.forecast_bytes,
      real_tokens: steps.reduce((sum, { num_tokens }) => sum + num_tokens, 0),
      supervised: spans.reduce((sum, [start, end]) => sum + end - start, 0),
      losses: steps.map(({ loss }) => loss),
    };
  }
}
