/** The NVIDIA GPUs of this machine, as the driver's own tool lists them. Not tried on a machine with GPUs. */
import { spawnSync } from 'node:child_process';

export interface Gpu {
  name: string;
  memory_bytes: number;
}

/** Empty where there is none, or no driver. */
export function listGpus(): Gpu[] {
  const query = ['--query-gpu=name,memory.total', '--format=csv,noheader,nounits'];
  const { status, stdout } = spawnSync('nvidia-smi', query, { encoding: 'utf8' });
  if (status !== 0) return [];
  return stdout
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.split(', '))
    .map(([name, mebibytes]) => ({ name: name ?? '', memory_bytes: Number(mebibytes) * 2 ** 20 }));
}
