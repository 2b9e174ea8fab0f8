/** Slipway's own Python environment under <home>/python: made by the first command that needs it, found by the next. */
import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AppError } from '../protocol/errors.js';
import { writeWhole } from '../store/files.js';
import { listGpus } from '../store/gpus.js';
import { sha256Text } from '../store/hash.js';
import { pythonFiles } from '../store/home.js';
import { pythonLock } from '../store/package.js';

const run = promisify(execFile);

export interface TorchBuild {
  kind: 'CPU' | 'CUDA';
  from: string;
  download_bytes: number;
  pip_arguments: string[];
}

const TORCH_VERSION = '2.13.0';
/** PyTorch's own index of CPU builds; the public registry's build for x86-64 is the CUDA one. */
const CPU_INDEX = 'https://download.pytorch.org/whl/cpu';
const CPU_BUILD_BYTES = 200_000_000;
const CUDA_BUILD_BYTES = 3_000_000_000;
/** The rest of the lock: Transformers, TRL, PEFT, Accelerate, Datasets and what they need. */
const OTHER_PACKAGES_BYTES = 245_000_000;
/** Long enough for a slow line, short enough for one that drops packets. */
const PROBE_MS = 3000;

/** Whether the environment exists and was made from the current lock. */
export function isEnvironmentReady(home: string): boolean {
  const { lock } = pythonFiles(home);
  return existsSync(lock) && readFileSync(lock, 'utf8') === sha256Text(readFileSync(pythonLock(), 'utf8'));
}

/**
 * @param onProgress receives the current step, and the share of packages that pip has installed
 * @returns the environment's interpreter
 * @throws AppError offline-not-cached, python-missing, python-setup-failed
 */
export async function ensureEnvironment(
  home: string,
  options: { offline: boolean; onProgress: (text: string, share?: number) => void },
): Promise<string> {
  const { folder, python, lock, config } = pythonFiles(home);
  if (isEnvironmentReady(home)) return python;
  if (options.offline) throw new AppError('offline-not-cached', { what: 'the Python environment' });
  const systemPython = await findPython();
  rmSync(folder, { recursive: true, force: true });
  const build = await chooseTorchBuild(systemPython);
  const megabytes = Math.round((build.download_bytes + OTHER_PACKAGES_BYTES) / 1e6);
  options.onProgress(
    `installing PyTorch ${TORCH_VERSION} (${build.kind} build, from ${build.from}) and what TRL needs, about ${megabytes} MB`,
  );
  try {
    await run(systemPython, ['-m', 'venv', folder]);
    await installLock(python, build, (share) => options.onProgress('installing Python packages', share));
  } catch (cause) {
    const problem = String((cause as { stderr?: string }).stderr || cause)
      .trim()
      .slice(-800);
    throw new AppError('python-setup-failed', { problem, log: config }, { cause });
  }
  // Written last: without it the environment is made anew.
  writeWhole(lock, sha256Text(readFileSync(pythonLock(), 'utf8')));
  return python;
}

/** @throws AppError python-missing */
export async function findPython(): Promise<string> {
  const candidates = process.env.SLIPWAY_PYTHON ? [process.env.SLIPWAY_PYTHON] : ['python3', 'python3.13', 'python3.12', 'python3.11'];
  let found = 'none';
  for (const python of candidates) {
    const check = 'import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2])';
    const version = await run(python, ['-c', check])
      .then(({ stdout }) => stdout.trim())
      .catch(() => null);
    if (version === null) continue;
    found = `${python} ${version}`;
    const minor = Number(version.split('.')[1]);
    if (version.startsWith('3.') && minor >= 11 && minor <= 13) return python;
  }
  throw new AppError('python-missing', { found });
}

/** Which build of PyTorch will be installed, from where, and how large it is. Nothing is downloaded. */
export async function chooseTorchBuild(python: string): Promise<TorchBuild> {
  if (listGpus().length > 0) {
    return { kind: 'CUDA', from: "pip's index", download_bytes: CUDA_BUILD_BYTES, pip_arguments: [`torch==${TORCH_VERSION}`] };
  }
  const isReachable = await fetch(`${CPU_INDEX}/torch/`, { method: 'HEAD', signal: AbortSignal.timeout(PROBE_MS) }).then(
    (response) => response.ok,
    () => false,
  );
  if (isReachable) {
    const pip_arguments = ['--extra-index-url', CPU_INDEX, `torch==${TORCH_VERSION}+cpu`];
    return { kind: 'CPU', from: "PyTorch's index", download_bytes: CPU_BUILD_BYTES, pip_arguments };
  }
  // pip's own settings (find-links, mirrors) may still name a CPU build: ask pip itself.
  const report = await run(python, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--dry-run',
    '--ignore-installed',
    '--no-deps',
    '--report',
    '-',
    `torch==${TORCH_VERSION}`,
  ]);
  const { install } = JSON.parse(report.stdout) as { install: { download_info: { url: string } }[] };
  const url = decodeURIComponent(install[0]?.download_info.url ?? '');
  const isCpu = url.includes('+cpu');
  const bytes = url.startsWith('file:') ? statSync(fileURLToPath(url)).size : isCpu ? CPU_BUILD_BYTES : CUDA_BUILD_BYTES;
  return { kind: isCpu ? 'CPU' : 'CUDA', from: "pip's own settings", download_bytes: bytes, pip_arguments: [`torch==${TORCH_VERSION}`] };
}

async function installLock(python: string, build: TorchBuild, onShare: (share: number) => void): Promise<void> {
  const numPackages = readFileSync(pythonLock(), 'utf8')
    .split('\n')
    .filter((line) => line.includes('==')).length;
  let numSeen = 0;
  await new Promise<void>((resolve, reject) => {
    const pip = spawn(python, ['-m', 'pip', 'install', '--requirement', pythonLock(), ...build.pip_arguments], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let errors = '';
    pip.stderr.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString()).slice(-4000);
    });
    pip.stdout.on('data', (chunk: Buffer) => {
      numSeen += chunk
        .toString()
        .split('\n')
        .filter((line) => line.startsWith('Collecting')).length;
      onShare(Math.min(0.95, numSeen / numPackages));
    });
    pip.once('error', reject);
    pip.once('exit', (code) => (code === 0 ? resolve() : reject(Object.assign(new Error(`pip ended with ${code}`), { stderr: errors }))));
  });
}
