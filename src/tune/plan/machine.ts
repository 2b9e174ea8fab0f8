/** What this machine has, as far as a plan depends on it. */
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { type Gpu, listGpus } from '../../store/gpus.js';

export interface Machine {
  num_cores: number;
  has_bfloat16: boolean;
  memory_bytes: number;
  free_memory_bytes: number;
  free_disk_bytes: number;
  gpus: Gpu[];
}

export function probeMachine(folder: string): Machine {
  const cpuFlags = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  const disk = statfsSync(folder);
  return {
    num_cores: Math.min(availableParallelism(), coresOfCgroup()),
    // Elsewhere bfloat16 is emulated and slower than float32.
    has_bfloat16: /\b(avx512_bf16|amx_bf16)\b/.test(cpuFlags),
    memory_bytes: totalmem(),
    free_memory_bytes: availableMemory(),
    free_disk_bytes: disk.bavail * disk.bsize,
    gpus: listGpus(),
  };
}

/** Cores that a container's limit leaves (cgroup v2, cpu.max); infinite without a limit. */
function coresOfCgroup(): number {
  const file = '/sys/fs/cgroup/cpu.max';
  const [quota, period] = existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ') : [];
  return quota && period && quota !== 'max' ? Math.max(1, Math.floor(Number(quota) / Number(period))) : Number.POSITIVE_INFINITY;
}

/** Memory that programs can get, caches included (proc(5), MemAvailable). */
function availableMemory(): number {
  const meminfo = existsSync('/proc/meminfo') ? readFileSync('/proc/meminfo', 'utf8') : '';
  const kibibytes = /^MemAvailable:\s+(\d+) kB/m.exec(meminfo)?.[1];
  return kibibytes ? Number(kibibytes) * 1024 : freemem();
}
