/** A run as the parent of another: its adapter is trained further. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { Artifact } from '../protocol/artifact.js';
import { AppError } from '../protocol/errors.js';
import { readJson } from '../store/files.js';
import { sha256File } from '../store/hash.js';
import { runFiles } from '../store/home.js';
import type { Parent } from './plan/plan.js';
import { readPlan } from './read-plan.js';

/** @throws AppError build-missing for a run without an artifact, artifact-is-model for one that is no adapter */
export async function readParent(run: string): Promise<Parent> {
  const { artifact, artifactFolder } = runFiles(run);
  const id = basename(run);
  if (!existsSync(artifact)) throw new AppError('build-missing', { run: id });
  if (readJson(artifact, Artifact).kind !== 'adapter') throw new AppError('artifact-is-model', { run: id, folder: artifactFolder });
  return { artifact: { run: id, folder: artifactFolder, sha256: await sha256File(artifact) }, lora: readPlan(run).values.lora };
}
