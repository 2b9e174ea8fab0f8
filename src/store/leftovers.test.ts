import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder, newWorkFolder, removeFolder, sweepLeftovers } from './leftovers.js';

test('a folder is there whole or not at all, and the first of two stays', async () => {
  const home = mkdtempSync(join(tmpdir(), 'leftovers-'));
  const place = join(home, 'models', 'a');
  const failing = makeFolder(home, place, async (folder) => {
    writeFileSync(join(folder, 'half'), '');
    throw new Error('interrupted');
  });
  await expect(failing).rejects.toThrowError('interrupted');
  expect([existsSync(place), readdirSync(join(home, 'tmp'))]).toEqual([false, []]);
  for (const name of ['first', 'second']) await makeFolder(home, place, async (folder) => writeFileSync(join(folder, name), ''));
  expect([readdirSync(place), readdirSync(join(home, 'tmp'))]).toEqual([['first'], []]);
  removeFolder(home, place);
  expect([existsSync(place), readdirSync(join(home, 'trash'))]).toEqual([false, []]);
});

test('what a process has left when it died is swept, and what a living one works on is not', () => {
  const home = mkdtempSync(join(tmpdir(), 'leftovers-'));
  sweepLeftovers(home);
  const mine = newWorkFolder(home);
  const dead = ['tmp', 'trash'].map((place) => join(home, place, '999999999-123-abc'));
  for (const folder of [...dead, join(home, 'tmp', 'of another time')]) mkdirSync(join(folder, 'run'), { recursive: true });
  sweepLeftovers(home);
  expect([existsSync(mine), readdirSync(join(home, 'tmp')).length, readdirSync(join(home, 'trash'))]).toEqual([true, 1, []]);
});
