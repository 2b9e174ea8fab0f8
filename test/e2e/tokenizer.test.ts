/** Token ids from llama.cpp and from the tokenizer files that the import wrote, on tricky strings. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/data/sample/random.js';
import { startEngine } from '../../src/run/engine/engine.js';
import { modelFiles } from '../../src/store/home.js';
import { temporaryFolder, testGemma, testModel, testPython } from '../support/home.js';

const PIECES = [
  ' ',
  '  ',
  '\n',
  '\n\n',
  '\t',
  '\r\n',
  '\u00a0',
  '\u200b',
  '0',
  '7',
  '42',
  '1000000',
  '3.14',
  '-5',
  "'s",
  "'LL",
  '"',
  '{"a":',
  '}',
  '://',
  '...',
  '—',
  '’',
  'word',
  'Word',
  'WORD',
  ' the',
  'naïve',
  'Straße',
  'Łódź',
  'Ångström',
  'e\u0301',
  'Привет',
  'мир',
  '你好',
  '世界',
  'こんにちは',
  '한국어',
  'مرحبا',
  'שלום',
  'हिन्दी',
  '🙂',
  '👩‍👩‍👧',
  '🇩🇪',
  '\u{1d538}',
  '<|im_start|>',
  '<|im_end|>',
  '<|endoftext|>',
  '<repo_name>',
  '<|im_',
  '_',
  '__init__',
  'snake_case',
  'camelCase',
  'KX-204',
  '2026-03-14',
];

const GEMMA_PIECES = ['<start_of_turn>', '<end_of_turn>', '<bos>', '<table>', '   ', '\t\t', '▁', 'Café', '<0x41>', '\n\n\n'];

test.each([
  ['SmolLM2, byte-level pairs', testModel, []],
  ['Gemma 3, pieces with scores', testGemma, GEMMA_PIECES],
])('%s: equal on 400 strings', async (_, model, more) => {
  await expectEqualIds(await model(), [...PIECES, ...more]);
});

async function expectEqualIds(modelFolder: string, pieces: string[]): Promise<void> {
  const random = seededRandom('tokenizer');
  const strings = [
    ...pieces,
    ...Array.from({ length: 400 - pieces.length }, () => Array.from({ length: random.integer(2, 9) }, () => random.pick(pieces)).join('')),
  ];
  const model = modelFiles(modelFolder);
  const input = join(temporaryFolder('tokenizer'), 'strings.json');
  writeFileSync(input, JSON.stringify(strings));
  const script =
    'import json, sys; from tokenizers import Tokenizer; t = Tokenizer.from_file(sys.argv[1]); print(json.dumps([t.encode(s, add_special_tokens=False).ids for s in json.load(open(sys.argv[2]))]))';
  const expected = JSON.parse(
    execFileSync(testPython(), ['-c', script, join(model.transformers, 'tokenizer.json'), input]).toString(),
  ) as number[][];
  const engine = await startEngine({ gguf: model.gguf, num_threads: 1, context_length: 256 });
  try {
    const actual: number[][] = [];
    for (const text of strings) actual.push(await engine.tokenize(text));
    const different = strings.filter((_, i) => JSON.stringify(actual[i]) !== JSON.stringify(expected[i]));
    expect(different).toEqual([]);
  } finally {
    await engine.close();
  }
}
