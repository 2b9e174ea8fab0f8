/** Rows, recipes and headers of weights, changed at random: each is read or refused by name, in under a second. `verify -- --full`: 100,000 of each. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readRows } from '../../src/data/read-rows.js';
import { readApart } from '../../src/flow/rows/read-apart.js';
import { readSafetensorsHeader } from '../../src/model/folder/safetensors.js';
import { readGguf } from '../../src/model/gguf/read.js';
import { writeGguf } from '../../src/model/gguf/write.js';
import { AppError } from '../../src/protocol/errors.js';
import { parseRecipe } from '../../src/tune/read-recipe.js';
import { root, temporaryFolder } from '../support/home.js';
import { mutated, randomOf } from '../support/mutations.js';

const NUM = Number(process.env.SLIPWAY_NUM_MUTATIONS ?? 1000);
const LONGEST_MS = 1000;
const folder = temporaryFolder('mutations');

/** Fails on anything but a named error, and on what takes longer than a second, twice: a shared machine may pause once. */
async function survives(input: Buffer, read: () => unknown, longest_ms = LONGEST_MS): Promise<void> {
  if ((await timed(input, read)) < longest_ms) return;
  const took = await timed(input, read);
  expect([took < longest_ms, input.toString('latin1').slice(0, 500)]).toEqual([true, expect.any(String)]);
}

async function timed(input: Buffer, read: () => unknown): Promise<number> {
  const started = performance.now();
  try {
    await read();
  } catch (error) {
    if (!(error instanceof AppError))
      throw new Error(`${JSON.stringify(input.toString('latin1').slice(0, 2000))}: ${(error as Error).stack}`);
  }
  return performance.now() - started;
}

const chat = `${JSON.stringify({
  messages: [
    { role: 'user', content: 'Grüße "a"' },
    { role: 'assistant', content: 'b', tool_calls: [{ id: 1 }] },
  ],
  tools: [{ a: [1] }],
})}\n`;
const FILES: Record<string, Buffer> = {
  'rows.jsonl': Buffer.from(chat + JSON.stringify({ prompt: 'a', completion: 'b' })),
  'rows.json': Buffer.from(`[${chat},${chat}]`),
  'rows.csv': Buffer.from('prompt,completion\n"a ""b""\nc",d\ne,f\n'),
  'rows.jsonl.gz': gzipSync(chat.repeat(5)),
};

test.each(Object.keys(FILES))(
  '%s',
  async (name) => {
    const random = randomOf(1);
    const file = join(folder, name);
    for (let round = 0; round < NUM / Object.keys(FILES).length; round++) {
      const bytes = mutated(FILES[name] as Buffer, random);
      writeFileSync(file, bytes);
      await survives(bytes, () => readRows(file, 'chat'));
    }
  },
  3_600_000,
);

test('rows.parquet, in the process that reads rows', async () => {
  const random = randomOf(5);
  const whole = readFileSync(join(root, 'test', 'fixtures', 'rows.parquet'));
  const file = join(folder, 'rows.parquet');
  for (let round = 0; round < Math.min(NUM / 25, 2000); round++) {
    const bytes = mutated(whole, random);
    writeFileSync(file, bytes);
    await survives(bytes, () => readApart('chats', { file }), 5 * LONGEST_MS);
  }
}, 3_600_000);

test('recipes', async () => {
  const random = randomOf(2);
  const seeds = ['recipes/quickstart.yaml', 'recipes/llama-4-scout/sft-lora-experts.yaml'].map((name) => readFileSync(join(root, name)));
  for (let round = 0; round < NUM; round++) {
    const bytes = mutated(seeds[round % seeds.length] as Buffer, random);
    await survives(bytes, () => parseRecipe('r.yaml', bytes.toString('utf8')));
  }
}, 3_600_000);

test('headers of GGUF', async () => {
  const random = randomOf(3);
  const file = join(folder, 'model.gguf');
  const metadata = {
    'general.architecture': { type: 'string' as const, value: 'llama' },
    'llama.block_count': { type: 'uint32' as const, value: 1 },
    'tokenizer.ggml.tokens': { type: 'array' as const, of: 'string' as const, value: ['a', 'b'] },
  };
  await writeGguf(file, metadata, [{ name: 'token_embd.weight', shape: [2, 4], read: async () => new Float32Array(8) }]);
  const whole = readFileSync(file);
  for (let round = 0; round < NUM; round++) {
    const bytes = mutated(whole, random);
    writeFileSync(file, bytes);
    await survives(bytes, () => readGguf(file));
  }
}, 3_600_000);

test('headers of safetensors', async () => {
  const random = randomOf(4);
  const file = join(folder, 'model.safetensors');
  const header = Buffer.from(JSON.stringify({ __metadata__: { format: 'pt' }, a: { dtype: 'F32', shape: [2, 2], data_offsets: [0, 16] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  for (let round = 0; round < NUM; round++) {
    const bytes = Buffer.concat([round % 3 ? length : mutated(length, random).subarray(0, 8), mutated(header, random), Buffer.alloc(16)]);
    writeFileSync(file, bytes);
    await survives(bytes, () => readSafetensorsHeader(file));
  }
}, 3_600_000);
