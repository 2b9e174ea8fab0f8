/** Slipway's own files: the package's folder, and the programs that it starts as processes. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder with package.json, from the built files and from the sources alike. */
export function packageRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
  return version;
}

/** A built program by its path under src, such as `run/engine/child`. */
export function programFile(name: string): string {
  return join(packageRoot(), 'dist', `${name}.js`);
}

export const pythonSources = () => join(packageRoot(), 'python');
/** What is installed, with the hashes of every build that may be: all but PyTorch, and each of its builds with what it needs. */
export const pythonLock = () => join(packageRoot(), 'python', 'requirements.lock');
export const torchLock = (build: 'cpu' | 'cuda') => join(packageRoot(), 'python', `requirements-${build}.lock`);
