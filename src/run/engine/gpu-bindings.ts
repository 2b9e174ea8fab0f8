/** The engine's CUDA build, 540 MB, installed only on request. Not tried on a machine with a GPU. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { AppError } from '../../protocol/errors.js';
import { listGpus } from '../../store/gpus.js';

const PACKAGES = ['@node-llama-cpp/linux-x64-cuda', '@node-llama-cpp/linux-x64-cuda-ext'];
/** `cuda` makes engines use the bindings that `slipway doctor --gpu` has installed. */
export const GPU_VARIABLE = 'SLIPWAY_ENGINE_GPU';

/**
 * Puts the bindings beside the engine's own package, of its version, in place of what keeps them out of an install.
 * @returns the folders that were written
 * @throws AppError gpu-missing, gpu-bindings-failed
 */
export function installGpuBindings(): string[] {
  if (listGpus().length === 0) throw new AppError('gpu-missing');
  const enginePackage = join(dirname(createRequire(import.meta.url).resolve('node-llama-cpp')), '..', 'package.json');
  const { version } = JSON.parse(readFileSync(enginePackage, 'utf8')) as { version: string };
  const modules = join(dirname(enginePackage), '..');
  const temporary = mkdtempSync(join(tmpdir(), 'slipway-gpu-'));
  try {
    const wanted = PACKAGES.map((name) => `${name}@${version}`);
    execFileSync('npm', ['install', '--no-save', '--ignore-scripts', '--prefix', temporary, ...wanted], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return PACKAGES.map((name) => {
      const target = join(modules, name);
      rmSync(target, { recursive: true, force: true });
      cpSync(join(temporary, 'node_modules', name), target, { recursive: true });
      return target;
    });
  } catch (cause) {
    throw new AppError('gpu-bindings-failed', { problem: String(cause) }, { cause });
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
