/** Disk space and memory that `slipway go` needs before it begins, and what it will download. */
import { existsSync } from 'node:fs';
import { AppError } from '../../protocol/errors.js';
import { pinnedModel } from '../../run/weights/catalogue.js';
import { fetchedFolder } from '../../run/weights/fetch-wheel.js';
import { modelFiles, modelFolder } from '../../store/home.js';
import { chooseTorchBuild, findPython, isEnvironmentReady } from '../../tune/environment.js';
import { probeMachine } from '../../tune/plan/machine.js';

/** Sizes on disk with some room: the environment (measured 1.5 GB), a run (0.16 GB), float32 weights twice (1.1 GB with the file). */
const ENVIRONMENT_BYTES = 1_700_000_000;
const RUN_BYTES = 400_000_000;
const FLOAT32_COPIES_PER_DOWNLOAD_BYTE = 11;
/** Peak of the worker on the quickstart, measured 3.7 GB; the engines come after it. */
const WORKER_BYTES = 4_500_000_000;
const OTHER_PACKAGES_BYTES = 245_000_000;
/** A slow office line, for the estimate that is shown before a download. */
const BYTES_PER_SECOND = 5_000_000;

export interface Needs {
  disk_bytes: number;
  free_disk_bytes: number;
  memory_bytes: number;
  free_memory_bytes: number;
  downloads: { what: string; bytes: number }[];
}

/** @throws AppError disk-too-small, memory-too-small, before anything is fetched or written */
export async function checkNeeds(home: string, model: string, options: { offline: boolean }): Promise<Needs> {
  const machine = probeMachine(home);
  const downloads: Needs['downloads'] = [];
  let disk = RUN_BYTES;
  if (!isEnvironmentReady(home) && !options.offline) {
    const build = await chooseTorchBuild(await findPython());
    downloads.push({
      what: `PyTorch (${build.kind} build, from ${build.from}) and TRL`,
      bytes: build.download_bytes + OTHER_PACKAGES_BYTES,
    });
    disk += ENVIRONMENT_BYTES + (build.kind === 'CUDA' ? build.download_bytes * 2 : 0);
  }
  const pinned = pinnedModel(model);
  if (pinned && !existsSync(modelFiles(modelFolder(home, model)).record)) {
    disk += pinned.download_bytes * (1 + FLOAT32_COPIES_PER_DOWNLOAD_BYTE);
    if (!existsSync(fetchedFolder(home, pinned))) downloads.push({ what: pinned.id, bytes: pinned.download_bytes });
  }
  const needs: Needs = {
    disk_bytes: disk,
    free_disk_bytes: machine.free_disk_bytes,
    memory_bytes: WORKER_BYTES,
    free_memory_bytes: machine.free_memory_bytes,
    downloads,
  };
  refuseTooLittle(needs, home);
  return needs;
}

/** @throws AppError disk-too-small, memory-too-small */
export function refuseTooLittle(needs: Needs, home: string): void {
  if (needs.free_disk_bytes < needs.disk_bytes) {
    throw new AppError('disk-too-small', { needed: gigabytes(needs.disk_bytes), free: gigabytes(needs.free_disk_bytes), folder: home });
  }
  if (needs.free_memory_bytes < needs.memory_bytes) {
    throw new AppError('memory-too-small', { needed: gigabytes(needs.memory_bytes), free: gigabytes(needs.free_memory_bytes) });
  }
}

export function describeNeeds(needs: Needs): string[] {
  const lines = [
    `disk: ${gigabytes(needs.disk_bytes)} needed, ${gigabytes(needs.free_disk_bytes)} free`,
    `memory: ${gigabytes(needs.memory_bytes)} needed, ${gigabytes(needs.free_memory_bytes)} free`,
  ];
  for (const { what, bytes } of needs.downloads) {
    lines.push(`download: ${what}, about ${Math.round(bytes / 1e6)} MB, ${Math.ceil(bytes / BYTES_PER_SECOND / 60)} min at 40 Mbit/s`);
  }
  return lines;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
