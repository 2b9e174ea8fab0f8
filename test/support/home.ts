/** The home that tests share: `npm run verify` makes its Python environment; weights are imported once. */
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveModel } from '../../src/run/weights/resolve-model.js';
import { environmentFiles } from '../../src/tune/environment.js';

export const root = join(import.meta.dirname, '..', '..');
export const testHome = process.env.SLIPWAY_TEST_HOME ?? join(root, '.slipway', 'home');
process.env.SLIPWAY_HOME = testHome;

/** The environment's interpreter; tests that need it fail where it is missing, they are never skipped. */
export function testPython(): string {
  const { python } = environmentFiles(testHome);
  if (!existsSync(python)) throw new Error(`no Python environment in ${testHome}: run npm run verify`);
  return python;
}

export const testModel = () => importedModel('smollm2-135m-instruct');
export const testGemma = () => importedModel('gemma-3-270m');

function importedModel(name: string): Promise<string> {
  return resolveModel(testHome, name, { offline: false, python: async () => testPython(), onProgress: () => undefined });
}

export const temporaryFolder = (name: string) => mkdtempSync(join(tmpdir(), `slipway-${name}-`));
