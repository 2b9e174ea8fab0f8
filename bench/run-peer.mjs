// A peer's side of a benchmark: its own command on the same rows, with a stop-watch in its trainer.
import { mkdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { installPeer, peerCommand } from './peers.mjs';
import { readLines } from './rows.mjs';
import { timed } from './timed.mjs';

/** @param asked {model, data, lora, work, recipe}: folders of the model and of the rows, and the settings of the benchmark */
export async function measurePeer(name, asked, { cache, folder }) {
  const bin = installPeer(name, cache);
  const out = join(folder, name);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(join(out, 'home'), { recursive: true });
  const command = peerCommand(
    name,
    bin,
    { ...asked.work, model: asked.model, lora: asked.lora, method: asked.recipe.method, data: asked.data, out: join(out, 'trained') },
    out,
  );
  const log = join(out, 'stop-watch.jsonl');
  const quiet = {
    HF_HUB_OFFLINE: '1',
    HF_DATASETS_OFFLINE: '1',
    DO_NOT_TRACK: '1',
    WANDB_MODE: 'disabled',
    TOKENIZERS_PARALLELISM: 'false',
    CUDA_VISIBLE_DEVICES: '',
  };
  const threads = { OMP_NUM_THREADS: String(availableParallelism()), MKL_NUM_THREADS: String(availableParallelism()) };
  const env = {
    ...process.env,
    ...quiet,
    ...threads,
    SLIPWAY_STOP_WATCH: log,
    PYTHONPATH: join(import.meta.dirname, 'stop_watch'),
    HOME: join(out, 'home'),
    HF_HOME: join(out, 'hf'),
    PATH: `${bin}:${process.env.PATH}`,
  };
  const othersBetween = await timed(command, { env, cwd: out, log: join(out, 'output.txt') });
  const notes = readLines(log);
  const batches = notes.filter(({ kind }) => kind === 'batch');
  const steps = notes.filter(({ kind }) => kind === 'step');
  const begin = notes.find(({ kind }) => kind === 'begin');
  if (!begin || steps.length < asked.work.steps) throw new Error(`${name} made ${steps.length} steps: see ${join(out, 'output.txt')}`);
  return {
    others_s: othersBetween(1000 * begin.at, 1000 * steps.at(-1).at),
    seconds: steps.at(-1).at - begin.at,
    cpu_s: steps.at(-1).cpu_s - begin.cpu_s,
    peak_bytes: steps.at(-1).peak_kib * 1024,
    supervised: batches.reduce((sum, one) => sum + one.supervised, 0),
    losses: batches.map(({ loss }) => loss),
  };
}
