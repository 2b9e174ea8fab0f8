// npm run bench -- NAME [--peers trl,unsloth] [--rounds 3]: a peer and Slipway by turns on the same rows and model.
// Losses are compared first; times count only where other programs took little of the machine. The last line is JSON.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Replacement } from '../dist/protocol/methods/shared-settings.js';
import { PEERS } from './peers.mjs';
import { chats, chatsWithTools, labelled, pairs, ranked, writeRows, writeTokens } from './rows.mjs';
import { measurePeer } from './run-peer.mjs';
import { SlipwayRunner } from './run-slipway.mjs';
import { measureScale } from './scale.mjs';

const WORK = { batch: 8, rate: 2e-4, maxLength: 2048 };
/** For what takes other tools minutes: what other programs may take of the machine is counted in seconds, not as a share. */
const half = () => chats().slice(0, 32);
const LORA = { lora: { r: 16, lora_alpha: 32 } };
const ATTENTION = { lora: { ...LORA.lora, target_modules: ['q_proj', 'k_proj', 'v_proj', 'o_proj'] } };
const EXPERTS = { lora: { ...LORA.lora, target_parameters: ['feed_forward.experts.gate_up_proj', 'feed_forward.experts.down_proj'] } };
/** The worker with nothing replaced: TRL, with the shims that Llama 4 needs to be trained at all. */
const SHIMMED = 'shimmed';
const onPreferences = (rows, recipe) => ({
  model: 'smollm2-135m-instruct',
  rows,
  recipe: { ...LORA, ...recipe },
  peers: [SHIMMED],
  batch: 4,
});
/** Of four answers. */
const EACH_ONCE = [
  [0, 1],
  [2, 3],
];
const ALL_PAIRS = [0, 1, 2, 3].flatMap((better) => [0, 1, 2, 3].filter((worse) => worse > better).map((worse) => [better, worse]));
const BENCHES = {
  sft: { model: 'smollm2-135m-instruct', rows: chats, recipe: LORA, peers: Object.keys(PEERS), isDense: true },
  'sft-shared': {
    model: 'smollm2-135m-instruct',
    rows: () => chatsWithTools().slice(0, 16),
    recipe: LORA,
    // The others hold 13 to 16 GB for four such rows.
    peers: ['unsloth'],
  },
  llama4: { model: 'llama4-16e', rows: half, recipe: ATTENTION, peers: [SHIMMED] },
  'llama4-experts': { model: 'llama4-16e', rows: half, recipe: EXPERTS, peers: [SHIMMED] },
  gemma3: { model: 'gemma-3-270m', rows: half, recipe: LORA, peers: ['trl', 'llamafactory', 'axolotl', 'unsloth'] },
  dpo: { ...onPreferences(() => pairs(16, { prompt: 256, answer: 64 }), { method: 'dpo' }), peers: [SHIMMED, 'llamafactory'] },
  'dpo-even': { ...onPreferences(() => pairs(16, { prompt: 160, answer: 160 }), { method: 'dpo' }), peers: [SHIMMED, 'llamafactory'] },
  kto: onPreferences(() => labelled(16, { prompt: 192, answer: 96 }), { method: 'kto' }),
  reward: { ...onPreferences(() => ranked(4, { prompt: 256, answer: 64 }, ALL_PAIRS), { method: 'reward' }), batch: 6 },
  'reward-once': onPreferences(() => ranked(8, { prompt: 256, answer: 64 }, EACH_ONCE), { method: 'reward' }),
  full: { model: 'smollm2-135m-instruct', rows: half, recipe: { use_peft: false }, peers: ['trl', 'llamafactory', 'axolotl'] },
};
/** Seconds of CPU that other programs may take in a run that counts. */
const QUIET_S = 2;
const MAX_ATTEMPTS = 3;
/** What steps may differ by: rounding of float32 in another order, and four digits of a log. */
const SAME_LOSS = 2e-3;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { peers: { type: 'string' }, rounds: { type: 'string', default: '3' }, help: { type: 'boolean', default: false } },
});
const [benchName] = positionals;
const bench = BENCHES[benchName];
if (options.help || (!bench && benchName !== 'scale')) {
  console.log(
    `npm run bench -- NAME [--peers trl,unsloth] [--rounds 3]\nNAME: ${Object.keys(BENCHES).join(', ')}, scale\npeers: ${Object.keys(PEERS).join(', ')}`,
  );
  process.exit(options.help ? 0 : 2);
}
const cache = process.env.SLIPWAY_BENCH_CACHE ?? join(homedir(), '.cache', 'slipway-bench');
const folder = join(cache, 'work', benchName);
const slipway = new SlipwayRunner(join(cache, 'home'));
const machine = { cores: availableParallelism(), cpu: cpus()[0].model, date: new Date().toISOString().slice(0, 10) };
rmSync(folder, { recursive: true, force: true });
if (benchName === 'scale') {
  mkdirSync(folder, { recursive: true });
  console.log(JSON.stringify({ bench: benchName, ...(await measureScale(slipway, { folder, work: WORK, recipe: LORA })), machine }));
  process.exit(0);
}
const rows = bench.rows();
const work = { ...WORK, batch: bench.batch ?? WORK.batch };
writeRows(folder, rows);
const modelFolder = slipway.prepare(bench.model, folder);

const ordered = join(folder, 'ordered');
const asked = { lora: bench.recipe.use_peft !== false, recipe: bench.recipe, work: { ...work, steps: rows.length / work.batch } };
const measure = (name) => {
  if (name === 'slipway') return slipway.measure({ ...asked, model: bench.model }, folder);
  if (name === SHIMMED)
    return slipway.measure({ ...asked, model: bench.model, recipe: { ...bench.recipe, plain: Replacement.options } }, folder);
  return measurePeer(name, { ...asked, model: modelFolder, data: ordered }, { cache, folder });
};
const rateOf = ({ supervised, seconds }) => supervised / seconds;
const peers = options.peers?.split(',') ?? bench.peers;
const results = Object.fromEntries([...peers, 'slipway'].map((name) => [name, []]));
await measureQuietly('slipway');
if (peers.some((name) => name !== SHIMMED)) writeOrdered();
for (const name of peers) await measureQuietly(name);
const equal = peers.filter(hasSameLosses);
for (const name of peers.filter((one) => !equal.includes(one)))
  console.log(`${name}: other losses, so other work: it is not compared with`);
const peer = equal.sort((a, b) => rateOf(results[b][0]) - rateOf(results[a][0]))[0];
if (!peer) {
  console.log(JSON.stringify({ bench: benchName, ratio: null, losses_equal: false }));
  process.exit(1);
}
for (let round = 1; round < Number(options.rounds); round++) for (const name of [peer, 'slipway']) await measureQuietly(name);
report(peer);

/** For other tools: the rows and their tokens in the order in which Slipway takes them. */
function writeOrdered() {
  const order = slipway.orderOfRows(rows.length);
  writeTokens(
    ordered,
    order.map((index) => results.slipway[0].token_rows.filter(({ row }) => row === index + 1)),
  );
  writeRows(
    ordered,
    order.map((index) => rows[index]),
  );
}

async function measureQuietly(name) {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const result = await measure(name);
    const isQuiet = result.others_s <= QUIET_S;
    const rate = rateOf(result).toFixed(1).padStart(6);
    console.log(
      `${name.padEnd(13)} ${result.seconds.toFixed(1).padStart(7)} s  ${rate} supervised tokens/s  ${(result.peak_bytes / 1e9).toFixed(2)} GB  ${result.losses.map((loss) => loss.toFixed(4)).join(' ')}${isQuiet ? '' : ` (does not count: other programs took ${result.others_s.toFixed(1)} s)`}`,
    );
    if (isQuiet) return results[name].push(result);
  }
  throw new Error(`${name}: other programs are at work; run it again when they are not`);
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? null : (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}

function hasSameLosses(name) {
  const [ours] = results.slipway;
  return results[name].every(({ losses }) => losses.every((loss, step) => Math.abs(loss - ours.losses[step]) <= SAME_LOSS));
}

function report(peer) {
  const [ours, theirs] = [results.slipway, results[peer]];
  const losses_equal = hasSameLosses(peer) && hasSameLosses('slipway');
  const rates = ours.flatMap((one) => theirs.map((other) => rateOf(one) / rateOf(other)));
  const memory = (runs) => median(runs.map(({ peak_bytes }) => peak_bytes));
  console.log(
    JSON.stringify({
      bench: benchName,
      peer,
      ratio: losses_equal ? round(median(ours.map(rateOf)) / median(theirs.map(rateOf))) : null,
      ratio_min: losses_equal && rates.length > 0 ? round(Math.min(...rates)) : null,
      ratio_max: losses_equal && rates.length > 0 ? round(Math.max(...rates)) : null,
      memory_ratio: round(memory(ours) / memory(theirs)),
      losses_equal,
      supervised_per_s: round(median(ours.map(rateOf))),
      real_per_s: round(median(ours.map(({ real_tokens, seconds }) => real_tokens / seconds))),
      peer_supervised_per_s: round(median(theirs.map(rateOf))),
      ...(bench.isDense && { share_of_mm: round(slipway.shareOfMatrixRate(bench.model, ours.at(-1), asked.work.steps)) }),
      peak_gb: round(memory(ours) / 1e9),
      forecast_gb: round(ours[0]?.forecast_bytes / 1e9),
      runs: { slipway: ours.length, [peer]: theirs.length },
      versions: {
        slipway: JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')).version,
        [peer]: (PEERS[peer] ?? PEERS.trl).packages.join(' '),
      },
      others: Object.fromEntries(peers.filter((name) => name !== peer).map((name) => [name, round(rateOf(results[name][0]))])),
      machine,
    }),
  );
  if (!losses_equal) process.exitCode = 1;
}

function round(value) {
  return value === null || Number.isNaN(value) ? null : Math.round(value * 1000) / 1000;
}
