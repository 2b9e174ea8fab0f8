/** Files of rows that are made to take all memory or all time, or that hide something: each is an error in seconds, or is read as it is. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { type ApartLimits, readApart } from '../../src/flow/rows/read-apart.js';
import { failure } from '../support/failure.js';
import { temporaryFolder } from '../support/home.js';

const folder = temporaryFolder('hostile');
const write = (name: string, bytes: string | Buffer) => {
  const file = join(folder, name);
  writeFileSync(file, bytes);
  return file;
};
const read = (file: string, more: object = {}) => readApart('chats', { file, ...more });
const row = (prompt: string) => `${JSON.stringify({ prompt, completion: 'b' })}\n`;
const problemOf = async (file: string) => {
  const { code, message } = await failure(() => read(file));
  return `${code} ${message}`;
};

test.each<[string, () => string, RegExp]>([
  ['a gzip bomb', () => write('bomb.jsonl.gz', gzipSync(Buffer.alloc(300_000_000, 32))), /unpacks to more than 200 times its size/],
  ['a quote that is never closed', () => write('open.csv', `prompt,completion\n"${'x\n'.repeat(40_000_000)}`), /Max Record Size/],
  ['a line of 70 MB', () => write('line.jsonl', row('x'.repeat(70_000_000))), /longer than 64 MB/],
  [
    '100,000 nested brackets',
    () => write('deep.jsonl', `{"prompt": ${'['.repeat(100_000)}${']'.repeat(100_000)}, "completion": "b"}\n`),
    /nested deeper than 200|not JSON/,
  ],
  ['a device', () => '/dev/zero', /^file-not-regular/],
  [
    'a pipe',
    () => {
      const pipe = join(folder, 'pipe.jsonl');
      execFileSync('mkfifo', [pipe]);
      return pipe;
    },
    /^file-not-regular/,
  ],
  ['two columns of one name', () => write('twice.csv', 'prompt,completion,prompt\na,b,c\n'), /two columns are called "prompt"/],
  ['a cut archive', () => write('cut.csv.gz', gzipSync('prompt,completion\na,b\n'.repeat(1000)).subarray(0, 60)), /unexpected end of file/],
  [
    'a cut archive of an array',
    () => write('cut.json.gz', gzipSync(JSON.stringify(Array(1000).fill({ prompt: 'a', completion: 'b' }))).subarray(0, 60)),
    /unexpected end of file|not JSON/,
  ],
  [
    'Latin-1 in a CSV',
    () => write('latin.csv', Buffer.from('prompt,completion\nGrüße,b\n', 'latin1')),
    /looks like Latin-1; read it with `--encoding latin1`/,
  ],
  [
    'Latin-1 in an array',
    () => write('latin.json', Buffer.from('[{"prompt": "Grüße", "completion": "b"}]', 'latin1')),
    /looks like Latin-1/,
  ],
  [
    'a further key in a turn',
    () =>
      write(
        'turn.jsonl',
        `${JSON.stringify({
          conversations: [
            { from: 'human', value: 'a', weight: 0 },
            { from: 'gpt', value: 'b' },
          ],
        })}\n`,
      ),
    /weight/,
  ],
  [
    'a file of another ending in a folder',
    () => {
      const parts = join(folder, 'parts');
      mkdirSync(parts);
      writeFileSync(join(parts, 'a.jsonl'), row('a'));
      writeFileSync(join(parts, 'b.jsonl.bak'), row('b'));
      return parts;
    },
    /b\.jsonl\.bak.*its ending is that of no data file/,
  ],
])('%s', async (_, make, expected) => {
  expect(await problemOf(make())).toMatch(expected);
});

test('a megabyte word with an @ is looked through in no time', async () => {
  const file = write(
    'word.jsonl',
    row(`${'a'.repeat(500_000)}@${'b'.repeat(500_000)}`) + row(`${'a.'.repeat(300_000)}`) + row(`x@${'a.'.repeat(300_000)}`),
  );
  const started = performance.now();
  expect((await readApart('lint', { file })).num_rows).toBe(3);
  expect(performance.now() - started).toBeLessThan(20_000);
});

test('other encodings are read when they are named', async () => {
  const text = 'prompt,completion\nGrüße,b\n';
  expect((await read(write('latin1.csv', Buffer.from(text, 'latin1')), { encoding: 'latin1' }))[0]?.messages[0]?.content).toBe('Grüße');
  expect((await read(write('wide.csv', Buffer.from(`\uFEFF${text}`, 'utf16le')), { encoding: 'utf-16' }))[0]?.messages[0]?.content).toBe(
    'Grüße',
  );
  const big = Buffer.from(`\uFEFF${row('Grüße')}`, 'utf16le').swap16();
  expect((await read(write('big.jsonl', big), { encoding: 'utf-16' }))[0]?.messages[0]?.content).toBe('Grüße');
});

test('of a million problems twenty are kept, and all are counted', async () => {
  const { message } = await failure(() => read(write('bad.jsonl', '{"prompt": 1}\n'.repeat(100_000))));
  expect(message).toMatch(/and \d+ more/);
  expect(message.length).toBeLessThan(5000);
});

test.each<[string, ApartLimits, string]>([
  ['memory', { memory_mb: 40, time_ms: 60_000 }, 'the memory that its rows take is over the limit of 40 MB'],
  ['time', { memory_mb: 1000, time_ms: 300 }, 'the time that its rows take is over the limit of 0.3 seconds'],
])('what takes more than its share of %s ends alone', async (_, limits, expected) => {
  const file = write('many.jsonl', Array.from({ length: 400_000 }, (_, n) => row(`question number ${n}`)).join(''));
  const error = await failure(() => readApart('chats', { file }, { limits }));
  expect([error.code, error.message]).toEqual(['data-limit', expect.stringContaining(expected)]);
});
