/** Machines that nobody has run Slipway on: their packages install, and the engine of each is put in its place, checked by its hash. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  ENGINE_VERSION,
  engineGpu,
  enginePackage,
  ensureEngine,
  installedEngineVersion,
  installPackages,
  isEngineInstalled,
  type Platform,
  refuseMissingEngine,
} from '../../src/run/engine/engine-packages.js';
import { failure } from '../support/failure.js';
import { root, temporaryFolder } from '../support/home.js';

const MAC: Platform = { os: 'darwin', cpu: 'arm64' };
/** What the lock has in place of packages that most machines do not need. */
const EMPTY = {
  name: 'empty-npm-package',
  integrity: 'sha512-q4Mq/+XO7UNDdMiPpR/LIBIW1Zl4V0Z6UT9aKGqIAnBCtCb3lvZJM1KbDbdzdC8fKflwflModfjR29Nt0EpcwA==',
};

describe('the engine’s package', () => {
  test('is that of the platform, of the version that is installed', () => {
    const names = [
      ['linux', 'x64', 'linux-x64'],
      ['linux', 'arm64', 'linux-arm64'],
      ['darwin', 'arm64', 'mac-arm64-metal'],
      ['darwin', 'x64', 'mac-x64'],
    ] as const;
    for (const [os, cpu, name] of names) expect(enginePackage({ os, cpu }).name).toBe(`@node-llama-cpp/${name}`);
    expect([engineGpu(MAC), engineGpu({ os: 'darwin', cpu: 'x64' }), engineGpu({ os: 'linux', cpu: 'x64' })]).toEqual([
      'metal',
      false,
      false,
    ]);
    expect(installedEngineVersion()).toBe(ENGINE_VERSION);
    expect(isEngineInstalled()).toBe(true);
  });

  test('platform-unsupported: on Windows WSL is said', async () => {
    const error = await failure(() => refuseMissingEngine({ os: 'win32', cpu: 'x64' }));
    expect([error.code, error.message, error.hint]).toEqual([
      'platform-unsupported',
      expect.stringContaining('Windows on x64'),
      expect.stringContaining('WSL 2'),
    ]);
    expect((await failure(() => ensureEngine({ os: 'freebsd', cpu: 'x64' }))).code).toBe('platform-unsupported');
  });

  test('engine-missing, engine-unlisted: what cannot be checked is not installed unless it is said', async () => {
    const modules = temporaryFolder('modules');
    // As an install leaves it: an empty package of that name.
    mkdirSync(join(modules, '@node-llama-cpp', 'mac-arm64-metal'), { recursive: true });
    expect(await failure(() => refuseMissingEngine(MAC, modules))).toMatchObject({ code: 'engine-missing', exit_code: 4 });
    const unlisted = await failure(() => ensureEngine(MAC, modules));
    expect([unlisted.code, unlisted.hint]).toEqual([
      'engine-unlisted',
      expect.stringContaining(`npm view @node-llama-cpp/mac-arm64-metal@${ENGINE_VERSION} dist.integrity`),
    ]);
    mkdirSync(join(modules, '@node-llama-cpp', 'mac-arm64-metal', 'bins'));
    await ensureEngine(MAC, modules);
    expect(() => refuseMissingEngine(MAC, modules)).not.toThrow();
  });

  test('engine-install-failed: one of another hash is refused, and what was there stays; the right one takes its place', async () => {
    const modules = temporaryFolder('modules');
    const place = join(modules, EMPTY.name);
    mkdirSync(place);
    writeFileSync(join(place, 'earlier'), '');
    const wrong = { ...EMPTY, integrity: EMPTY.integrity.replace('q4Mq', 'q4Mr') };
    const refused = await failure(() => installPackages([wrong], MAC, modules, '1.0.0'));
    expect([refused.code, refused.message]).toEqual(['engine-install-failed', expect.stringContaining('EINTEGRITY')]);
    expect(existsSync(join(place, 'earlier'))).toBe(true);
    expect(await installPackages([EMPTY], MAC, modules, '1.0.0')).toEqual([place]);
    expect([existsSync(join(place, 'earlier')), existsSync(join(place, 'package.json'))]).toEqual([false, true]);
  }, 120_000);
});

test.each([
  ['darwin', 'arm64'],
  ['win32', 'x64'],
])(
  'npm ci installs on %s, %s',
  (os, cpu) => {
    const folder = temporaryFolder('install');
    for (const name of ['package.json', 'npm-shrinkwrap.json', '.npmrc']) cpSync(join(root, name), join(folder, name));
    execFileSync('npm', ['ci', '--omit', 'dev', '--os', os, '--cpu', cpu, '--loglevel', 'error', '--prefer-offline'], { cwd: folder });
    const { version } = JSON.parse(readFileSync(join(folder, 'node_modules', 'node-llama-cpp', 'package.json'), 'utf8')) as {
      version: string;
    };
    expect([version, existsSync(join(folder, 'node_modules', '@node-llama-cpp', 'linux-x64'))]).toEqual([ENGINE_VERSION, false]);
  },
  240_000,
);
