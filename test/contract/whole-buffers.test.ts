/** Tensors of more than 2 GiB, which one call of the system does not move. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readBuffer, writeBuffer } from '../../src/model/whole-buffers.js';
import { temporaryFolder } from '../support/home.js';

const SIZE = 2_200_000_000;

test('are read and written whole', async () => {
  const file = await open(join(temporaryFolder('large'), 'weights'), 'w+');
  // A file with a hole takes no disk.
  await file.truncate(SIZE);
  await file.write(Buffer.from('end'), 0, 3, SIZE - 3);
  const bytes = await readBuffer(file, 0, SIZE);
  expect([bytes.length, bytes.toString('latin1', SIZE - 3)]).toEqual([SIZE, 'end']);
  expect((await readBuffer(file, SIZE - 3, 10)).toString()).toBe('end');
  await file.close();
  const nowhere = await open('/dev/null', 'w');
  await writeBuffer(nowhere, bytes);
  await nowhere.close();
});
