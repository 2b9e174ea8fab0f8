import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generatedFiles } from '../../scripts/generate.mjs';
import { root } from '../support/home.js';

test('JSON Schema, Python types and the error page are what src/protocol gives (npm run gen)', () => {
  const stale = Object.entries(generatedFiles()).filter(
    ([path, text]) => !existsSync(join(root, path)) || readFileSync(join(root, path), 'utf8') !== text,
  );
  expect(stale.map(([path]) => path)).toEqual([]);
});

test('there is no schema file that nothing generates', () => {
  const known = Object.keys(generatedFiles());
  expect(readdirSync(join(root, 'schema')).filter((name) => !known.includes(`schema/${name}`))).toEqual([]);
});
