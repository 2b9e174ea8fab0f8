/** A model is its bytes: another file does not take its name, its owner's file stays their own, and it is hashed before it is served. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ModelRecord } from '../../src/protocol/model-record.js';
import { readJson } from '../../src/store/files.js';
import { sha256File } from '../../src/store/hash.js';
import { modelFiles, modelFolder } from '../../src/store/home.js';
import { root, temporaryFolder, testModel, testPython } from '../support/home.js';
import { outcomeOf, slipwayProgram } from '../support/slipway.js';

const folder = temporaryFolder('identity');
const home = temporaryFolder('identity-home');
const [source, gguf] = [join(folder, 'transformers'), join(folder, 'mine.gguf')];
const slipwayHere = (...words: string[]) =>
  outcomeOf([...slipwayProgram, ...words], { cwd: folder, env: { ...process.env, SLIPWAY_HOME: home, NO_COLOR: '1' } });
const flipLastBit = (file: string) => {
  const bytes = readFileSync(file);
  bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
  writeFileSync(file, bytes);
};

beforeAll(async () => {
  const script =
    'import sys; from pathlib import Path; from tiny_families import tiny_family; tiny_family("llama", Path(sys.argv[1]), Path(sys.argv[2]))';
  const env = { ...process.env, PYTHONPATH: join(root, 'python', 'tests'), OMP_NUM_THREADS: '1' };
  execFileSync(testPython(), ['-c', script, await testModel(), folder], { env, stdio: 'ignore' });
  const pulled = await slipwayHere('pull', source, '--name', 'tiny', '--license', 'x', '--json');
  if (pulled.code !== 0) throw new Error(pulled.stdout + pulled.stderr);
  copyFileSync(modelFiles(modelFolder(home, 'tiny')).gguf, gguf);
}, 120_000);

describe('pull', () => {
  test('twice says that it is there already, when the bytes are the same', async () => {
    expect((await slipwayHere('pull', source, '--name', 'tiny')).stdout).toContain('already there, with the same hashes: tiny');
    expect((await slipwayHere('pull', gguf)).stdout).toContain('mine, F32');
    expect((await slipwayHere('pull', gguf)).stdout).toContain('already there, with the same hashes: mine');
  }, 60_000);

  test('does not share the file of its owner: overwritten, it changes nothing here', async () => {
    const { gguf: ours, record } = modelFiles(modelFolder(home, 'mine'));
    expect([statSync(gguf).nlink, statSync(ours).ino === statSync(gguf).ino]).toEqual([1, false]);
    flipLastBit(gguf);
    expect(await sha256File(ours)).toBe(readJson(record, ModelRecord).sha256);
  });

  test('model-exists: other bytes do not take the name, of a file and of a folder', async () => {
    const ofFile = await slipwayHere('pull', gguf, '--json');
    expect([ofFile.code, JSON.parse(ofFile.stdout).error]).toMatchObject([2, { code: 'model-exists', data: { model: 'mine' } }]);
    flipLastBit(join(source, 'model.safetensors'));
    expect(JSON.parse((await slipwayHere('pull', source, '--name', 'tiny', '--json')).stdout).error.code).toBe('model-exists');
    expect((await slipwayHere('pull', gguf, '--name', 'other')).code).toBe(0);
  }, 60_000);

  test('not-verified: a file here that was changed is not called the same, and not served', async () => {
    flipLastBit(modelFiles(modelFolder(home, 'mine')).gguf);
    flipLastBit(gguf);
    for (const words of [
      ['pull', gguf],
      ['serve', '--model', 'mine'],
    ])
      expect(JSON.parse((await slipwayHere(...words, '--json')).stdout).error).toMatchObject({
        code: 'not-verified',
        data: { what: 'mine' },
      });
  }, 60_000);
});
