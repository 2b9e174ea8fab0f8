/** Slipway's own Python environment under <home>/environments: made by the first command that needs it, found by the next. */
import { execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AppError } from '../protocol/errors.js';
import { writeWhole } from '../store/files.js';
import { listGpus } from '../store/gpus.js';
import { sha256Text } from '../store/hash.js';
import { environmentsFolder, formerEnvironment } from '../store/home.js';
import { makeFolder } from '../store/leftovers.js';
import { withLockHeld } from '../store/lock.js';
import { pythonLock, torchLock } from '../store/package.js';

const run = promisify(execFile);

export interface TorchBuild {
  kind: 'CPU' | 'CUDA';
  from: string;
  download_bytes: number;
  /** Where pip looks beside its own index; null: nowhere. */
  index: string | null;
}

const TORCH_VERSION = '2.13.0';
/** PyTorch's own index of CPU builds; the public registry's build for x86-64 is the CUDA one. */
const CPU_INDEX = 'https://download.pytorch.org/whl/cpu';
const CPU_BUILD_BYTES = 200_000_000;
const CUDA_BUILD_BYTES = 3_000_000_000;
/** The rest of the lock: Transformers, TRL, PEFT, Accelerate, Datasets and what they need. */
const OTHER_PACKAGES_BYTES = 245_000_000;
/** Allows one wheel of PyTorch that the lock does not list, by its SHA-256. */
const TORCH_OVERRIDE = 'SLIPWAY_TORCH_SHA256';
/** Long enough for a slow line, short enough for one that drops packets. */
const PROBE_MS = 3000;

/** Files of the environment that is made from the current locks: another lock makes another folder. */
export function environmentFiles(home: string): { folder: string; python: string } {
  const hash = sha256Text(
    locks()
      .map((file) => readFileSync(file, 'utf8'))
      .join('') + (process.env[TORCH_OVERRIDE] ?? ''),
  );
  const folder = join(environmentsFolder(home), hash.slice(0, 16));
  return { folder, python: join(folder, 'bin', 'python') };
}

const locks = () => [pythonLock(), torchLock(listGpus().length > 0 ? 'cuda' : 'cpu')];

/** The folder appears whole or not at all. */
export const isEnvironmentReady = (home: string) => existsSync(environmentFiles(home).python);

/**
 * Of several commands that want it at once one makes it. An earlier one stays: a run may use it.
 * @param onProgress receives the current step, and the share of packages that pip has installed
 * @returns the environment's interpreter
 * @throws AppError offline-not-cached, python-missing, python-setup-failed, package-unlisted
 */
export async function ensureEnvironment(
  home: string,
  options: { offline: boolean; onProgress: (text: string, share?: number) => void },
): Promise<string> {
  const { folder, python } = environmentFiles(home);
  if (isEnvironmentReady(home)) return python;
  if (options.offline) throw new AppError('offline-not-cached', { what: 'the Python environment' });
  const systemPython = await findPython();
  const onWait = () => options.onProgress('another command is making the Python environment: waiting for it');
  return await withLockHeld(`${folder}.lock`, () => makeEnvironment(home, systemPython, options.onProgress), { onWait });
}

async function makeEnvironment(home: string, systemPython: string, onProgress: (text: string, share?: number) => void): Promise<string> {
  const { folder, python } = environmentFiles(home);
  if (isEnvironmentReady(home)) return python;
  const build = await chooseTorchBuild(systemPython);
  const megabytes = Math.round((build.download_bytes + OTHER_PACKAGES_BYTES) / 1e6);
  onProgress(`installing PyTorch ${TORCH_VERSION} (${build.kind} build, from ${build.from}) and what TRL needs, about ${megabytes} MB`);
  await makeFolder(home, folder, async (made) => {
    try {
      await run(systemPython, ['-m', 'venv', made]);
      await installLocks(made, build, (share) => onProgress('installing Python packages', share));
    } catch (cause) {
      throw setupError(String((cause as { stderr?: string }).stderr || cause), cause);
    }
  });
  return python;
}

/** Environments that no process uses and that are not the current one, and that of before they had folders of their own. */
export function unusedEnvironments(home: string): string[] {
  // Without such a list nobody knows who uses one.
  if (!existsSync('/proc')) return [];
  const folder = environmentsFolder(home);
  const made = existsSync(folder) ? readdirSync(folder).filter((name) => /^[0-9a-f]{16}$/.test(name)) : [];
  const all = [...made.map((name) => join(folder, name)), formerEnvironment(home)];
  const commands = commandLines();
  return all.filter(
    (one) => existsSync(one) && one !== environmentFiles(home).folder && !commands.some((line) => line.includes(`${one}/`)),
  );
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
    return { kind: 'CUDA', from: "pip's index", download_bytes: CUDA_BUILD_BYTES, index: null };
  }
  const isReachable = await fetch(`${CPU_INDEX}/torch/`, { method: 'HEAD', signal: AbortSignal.timeout(PROBE_MS) }).then(
    (response) => response.ok,
    () => false,
  );
  if (isReachable) {
    return { kind: 'CPU', from: "PyTorch's index", download_bytes: CPU_BUILD_BYTES, index: CPU_INDEX };
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
  return { kind: isCpu ? 'CPU' : 'CUDA', from: "pip's own settings", download_bytes: bytes, index: null };
}

/** Only listed builds, and nothing that is built here. */
async function installLocks(folder: string, { kind, index }: TorchBuild, onShare: (share: number) => void): Promise<void> {
  const requirements = withOverride(folder, [pythonLock(), torchLock(kind === 'CUDA' ? 'cuda' : 'cpu')]);
  const numPackages = requirements.flatMap((file) => readFileSync(file, 'utf8').match(/^[\w.-]+==/gm) ?? []).length;
  let numSeen = 0;
  await new Promise<void>((resolve, reject) => {
    const asked = [...requirements.flatMap((file) => ['--requirement', file]), ...(index ? ['--extra-index-url', index] : [])];
    const pip = spawn(join(folder, 'bin', 'python'), ['-m', 'pip', 'install', '--require-hashes', '--only-binary=:all:', ...asked], {
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

/** The locks, with a build of PyTorch that its owner vouches for. @throws AppError option-invalid */
function withOverride(folder: string, files: string[]): string[] {
  const sha256 = process.env[TORCH_OVERRIDE];
  if (sha256 === undefined) return files;
  if (!/^[0-9a-f]{64}$/.test(sha256)) {
    throw new AppError('option-invalid', { option: TORCH_OVERRIDE, problem: 'must be the SHA-256 of a wheel', command: 'doctor' });
  }
  return files.map((file, number) => {
    const own = join(folder, `requirements-${number}.lock`);
    writeWhole(own, readFileSync(file, 'utf8').replace(/^(torch==\S+ \\)$/m, `$1\n    --hash=sha256:${sha256} \\`));
    return own;
  });
}

/** pip says of a file that is not listed which it expected, and what it got. */
function setupError(problem: string, cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const [, name, sha256] = /^ {4}(\S+)==.*(?:\n.*)*?\n\s+Got\s+([0-9a-f]{64})/m.exec(problem) ?? [];
  if (sha256) return new AppError('package-unlisted', { name: name ?? '', sha256, variable: TORCH_OVERRIDE }, { cause });
  return new AppError('python-setup-failed', { problem: problem.trim().slice(-800) }, { cause });
}

/** Command lines of all processes that this user may see (proc(5)). */
function commandLines(): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      return /^\d+$/.test(pid) ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8')] : [];
    } catch {
      return [];
    }
  });
}
