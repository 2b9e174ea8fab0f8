/**
 * The engine's programs for machines that the lock has none for: macOS, and NVIDIA GPUs. They are put beside the engine's own
 * package, of its version, each with its hash. Not tried on macOS, nor on a machine with a GPU.
 */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '../../protocol/errors.js';
import { listGpus } from '../../store/gpus.js';

/** `cuda` makes engines use the programs that `slipway doctor --gpu` has installed. */
export const GPU_VARIABLE = 'SLIPWAY_ENGINE_GPU';
/** Allows one package that the list has no hash of, by what `npm view NAME@VERSION dist.integrity` prints. */
const INTEGRITY_OVERRIDE = 'SLIPWAY_ENGINE_INTEGRITY';

export interface Platform {
  os: NodeJS.Platform;
  cpu: string;
}

export interface EnginePackage {
  name: string;
  /** As npm writes it; null: the registry that the lock was made from did not have the package. */
  integrity: string | null;
}

/** Of the engine's version in package.json; another version has other hashes. */
export const ENGINE_VERSION = '3.22.1';
const MAC: Record<string, EnginePackage> = {
  arm64: { name: '@node-llama-cpp/mac-arm64-metal', integrity: null },
  x64: { name: '@node-llama-cpp/mac-x64', integrity: null },
};
const CUDA: EnginePackage[] = [
  {
    name: '@node-llama-cpp/linux-x64-cuda',
    integrity: 'sha512-8rQCjyNNLZJUFit+YpjwlC4hwkKgOMIkB2wuycKBf8NU2O3ySKbiWZQ8aw9ku2nUTXjSnUIrE6KB88itduTBuA==',
  },
  {
    name: '@node-llama-cpp/linux-x64-cuda-ext',
    integrity: 'sha512-4e5ajkiM2aR2WAdB/N/ACk4weEhHvOAIrzxZPsIX0xDFW5+6hhShuy1/vs88SK9NGdgAco9IyE28eYS0H1efpA==',
  },
];
/** In the lock, so that an install brings them. */
const LOCKED: Record<string, string> = { x64: 'linux-x64', arm64: 'linux-arm64', arm: 'linux-armv7l' };

export const thisPlatform = (): Platform => ({ os: process.platform, cpu: process.arch });

/** The package that holds the engine of a platform. @throws AppError platform-unsupported */
export function enginePackage({ os, cpu }: Platform): EnginePackage {
  const locked = os === 'linux' ? LOCKED[cpu] : undefined;
  if (locked) return { name: `@node-llama-cpp/${locked}`, integrity: null };
  const found = os === 'darwin' ? MAC[cpu] : undefined;
  if (!found) throw new AppError('platform-unsupported', { platform: `${os === 'win32' ? 'Windows' : os} on ${cpu}` });
  return found;
}

/** Apple's package for arm64 has no program but Metal's. */
export function engineGpu({ os, cpu }: Platform): 'cuda' | 'metal' | false {
  if (process.env[GPU_VARIABLE] === 'cuda') return 'cuda';
  return os === 'darwin' && cpu === 'arm64' ? 'metal' : false;
}

const engineEntry = () => createRequire(import.meta.url).resolve('node-llama-cpp');
/** The folder of packages that has the engine's own. */
const installedModules = () => join(dirname(engineEntry()), '..', '..');

/** Wherever the engine would find it; an empty package of that name keeps what a machine does not need out of an install. */
export function isEngineInstalled(platform = thisPlatform(), modules?: string): boolean {
  const { name } = enginePackage(platform);
  const folders = modules === undefined ? (createRequire(engineEntry()).resolve.paths(name) ?? []) : [modules];
  return folders.some((folder) => existsSync(join(folder, name, 'bins')));
}

/** @throws AppError engine-missing, platform-unsupported */
export function refuseMissingEngine(platform = thisPlatform(), modules?: string): void {
  if (!isEngineInstalled(platform, modules)) throw new AppError('engine-missing', { name: enginePackage(platform).name });
}

/**
 * Puts the engine of this platform in its place, where an install has not brought it.
 * @throws AppError platform-unsupported, engine-unlisted, engine-install-failed
 */
export async function ensureEngine(platform = thisPlatform(), modules?: string): Promise<void> {
  if (!isEngineInstalled(platform, modules)) await installPackages([enginePackage(platform)], platform, modules ?? installedModules());
}

/** @returns the folders that were written. @throws AppError gpu-missing, engine-install-failed */
export async function installGpuEngine(): Promise<string[]> {
  if (listGpus().length === 0) throw new AppError('gpu-missing');
  return await installPackages(CUDA, { os: 'linux', cpu: 'x64' }, installedModules());
}

/** By npm, which checks each against its hash. What is in place stays until all are there. */
export async function installPackages(
  packages: EnginePackage[],
  { os, cpu }: Platform,
  modules: string,
  version = ENGINE_VERSION,
): Promise<string[]> {
  const pinned = packages.map(({ name, integrity }) => {
    const known = integrity ?? process.env[INTEGRITY_OVERRIDE];
    if (!known) throw new AppError('engine-unlisted', { name: `${name}@${version}`, variable: INTEGRITY_OVERRIDE });
    return { name, integrity: known };
  });
  const dependencies = Object.fromEntries(pinned.map(({ name }) => [name, version]));
  const locked = pinned.map(({ name, integrity }) => [`node_modules/${name}`, { version, integrity }]);
  const temporary = mkdtempSync(join(tmpdir(), 'slipway-engine-'));
  try {
    writeFileSync(join(temporary, 'package.json'), JSON.stringify({ private: true, dependencies }));
    const packagesOfLock = { '': { dependencies }, ...Object.fromEntries(locked) };
    writeFileSync(join(temporary, 'package-lock.json'), JSON.stringify({ lockfileVersion: 3, requires: true, packages: packagesOfLock }));
    const options = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error', '--os', os, '--cpu', cpu];
    await promisify(execFile)('npm', options, { cwd: temporary });
    return pinned.map(({ name }) => {
      const target = join(modules, name);
      rmSync(target, { recursive: true, force: true });
      cpSync(join(temporary, 'node_modules', name), target, { recursive: true });
      return target;
    });
  } catch (cause) {
    const problem = String((cause as { stderr?: string }).stderr || cause).trim();
    throw new AppError('engine-install-failed', { names: pinned.map(({ name }) => name).join(', '), problem }, { cause });
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Of the engine that is installed: a test holds it to `ENGINE_VERSION`. */
export function installedEngineVersion(): string {
  const file = join(installedModules(), 'node-llama-cpp', 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
