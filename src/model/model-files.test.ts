import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ggufName, reorderHeadRows, transformersName } from './families/llama/names.js';
import { readSafetensors, writeSafetensors } from './folder/safetensors.js';
import { renderChat } from './gguf/chat-template.js';
import { halfToFloat } from './gguf/half.js';
import { readGguf, readTensorBytes } from './gguf/read.js';
import { writeGguf } from './gguf/write.js';

const folder = mkdtempSync(join(tmpdir(), 'slipway-model-'));

test('a GGUF file comes back as it was written', async () => {
  const path = join(folder, 'small.gguf');
  const weights = Float32Array.from({ length: 6 }, (_, i) => i / 3);
  const metadata = {
    'general.architecture': { type: 'string', value: 'llama' },
    'general.languages': { type: 'array', of: 'string', value: ['en', 'dé'] },
    'tokenizer.ggml.token_type': { type: 'array', of: 'int32', value: [1, 3, -1] },
    'llama.block_count': { type: 'uint32', value: 7 },
    'llama.rope.freq_base': { type: 'float32', value: 0.5 },
    'tokenizer.ggml.add_bos_token': { type: 'bool', value: false },
  } as const;
  await writeGguf(path, metadata as never, [{ name: 'a.weight', shape: [2, 3], read: async () => weights }]);
  const file = await readGguf(path);
  expect(file.typed_metadata).toEqual(metadata);
  expect(file.tensors).toMatchObject([{ name: 'a.weight', shape: [2, 3], type: 'F32', byte_length: 24 }]);
  const bytes = await readTensorBytes(file, file.tensors[0] as never);
  expect(Float32Array.from({ length: 6 }, (_, i) => bytes.readFloatLE(i * 4))).toEqual(weights);
});

test('a token that begins with a byte order mark keeps it', async () => {
  const path = join(folder, 'marks.gguf');
  const tokens = ['//', '\uFEFF//', '\uFEFF', 'ä'];
  const metadata = {
    'general.architecture': { type: 'string', value: 'llama' },
    'tokenizer.ggml.scores': { type: 'array', of: 'float32', value: [0.5, -1] },
    'tokenizer.ggml.merges': { type: 'array', of: 'string', value: ['a b', 'c d'] },
    'tokenizer.ggml.tokens': { type: 'array', of: 'string', value: tokens },
  } as const;
  await writeGguf(path, metadata as never, []);
  expect(await readGguf(path)).toMatchObject({ metadata: { 'tokenizer.ggml.tokens': tokens }, typed_metadata: metadata });
});

test('a file that is no GGUF, or is cut short, is refused with its name', async () => {
  const junk = join(folder, 'junk.gguf');
  writeFileSync(junk, 'not a model');
  await expect(readGguf(junk)).rejects.toMatchObject({ code: 'weights-unsupported' });
  const path = join(folder, 'cut.gguf');
  await writeGguf(path, {}, [{ name: 'a.weight', shape: [64], read: async () => new Float32Array(64) }]);
  writeFileSync(path, readFileSync(path).subarray(0, -200));
  const file = await readGguf(path);
  await expect(readTensorBytes(file, file.tensors[0] as never)).rejects.toMatchObject({ code: 'weights-unsupported' });
});

test('safetensors come back as they were written; a header that lies is refused', async () => {
  const path = join(folder, 'small.safetensors');
  const weights = Float32Array.of(1, -2, 3.5, 0);
  await writeSafetensors(path, [{ name: 'w', shape: [2, 2], read: async () => weights }]);
  expect(await readSafetensors(path)).toEqual([{ name: 'w', shape: [2, 2], weights }]);
  writeFileSync(path, readFileSync(path).subarray(0, -4));
  await expect(readSafetensors(path)).rejects.toMatchObject({ code: 'weights-unsupported' });
});

test('names of layers go both ways', () => {
  expect(transformersName('blk.12.ffn_down.weight')).toBe('model.layers.12.mlp.down_proj.weight');
  expect(ggufName('model.layers.12.mlp.down_proj')).toBe('blk.12.ffn_down.weight');
  expect(transformersName('blk.1.ffn_gate_exps.weight')).toBeNull();
});

test('head rows: pairs become halves, and back', () => {
  // One head of four rows, one column: llama.cpp has (0, 2), (1, 3) interleaved.
  const halves = Float32Array.of(0, 1, 2, 3);
  const pairs = reorderHeadRows(halves, [4, 1], 1, 'gguf');
  expect([...pairs]).toEqual([0, 2, 1, 3]);
  const large = Float32Array.from({ length: 3 * 8 * 5 }, (_, i) => i);
  expect(reorderHeadRows(reorderHeadRows(large, [24, 5], 3, 'gguf'), [24, 5], 3, 'transformers')).toEqual(large);
});

test.each([
  [0x3c00, 1],
  [0xc000, -2],
  [0x0001, 2 ** -24],
  [0x7bff, 65504],
  [0x7c00, Number.POSITIVE_INFINITY],
])('binary16 %i is %f', (bits, value) => {
  expect(halfToFloat(bits)).toBe(value);
});

test('a template that refuses the messages, or never ends, is the request’s fault', async () => {
  const messages = [{ role: 'user' as const, content: 'x' }];
  const asked = { addGenerationPrompt: true, limitMs: 500 };
  await expect(renderChat("{{ raise_exception('no') }}", messages, asked)).rejects.toThrowError(/refuses the messages/);
  const endless = '{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% endfor %}{% endfor %}{% endfor %}';
  await expect(renderChat(endless, messages, asked)).rejects.toThrowError(/takes longer than 0.5 seconds/);
  await expect(renderChat('{{ range(1000000000) | length }}', messages, asked)).rejects.toThrowError(/refuses the messages/);
  expect(await renderChat('{{ messages[0].content }}', messages, { addGenerationPrompt: true })).toBe('x');
});
