/** A run's own files: run.json at its start, and the files of its supervisor, its worker and of a stop request. */
import { z } from 'zod';

export const RunRecord = z.strictObject({
  id: z.string(),
  created_at: z.iso.datetime(),
  recipe_file: z.string(),
  recipe_sha256: z.string(),
  command_line: z.record(z.string(), z.unknown()).describe('what `--set` and `--seed` set, by path in the recipe'),
  slipway_version: z.string(),
});
export type RunRecord = z.infer<typeof RunRecord>;

/** A process, distinguishable from a later one with the same pid. */
export const ProcessIdentity = z.strictObject({
  host: z.string(),
  boot_id: z.string(),
  pid: z.int(),
  start_time: z.string().describe('field 22 of /proc/<pid>/stat, clock ticks since boot'),
});
export type ProcessIdentity = z.infer<typeof ProcessIdentity>;

/** Where an attempt was started, and by whom: it is being started as long as that process lives. */
export const LaunchRecord = z.strictObject({ target: z.enum(['local']), started_by: ProcessIdentity.optional() });
export type LaunchRecord = z.infer<typeof LaunchRecord>;

export const StopRequest = z.strictObject({ requested_at: z.iso.datetime(), requested_by: z.string() });
export type StopRequest = z.infer<typeof StopRequest>;

/** Exit code of a worker or supervisor that cannot write why it ends: ENOSPC (errno(3)), as worker/life.py has it. */
export const DISK_FULL_EXIT = 28;

export const Exit = z.strictObject({
  reason: z.enum(['done', 'stopped', 'failed']),
  code: z.int().nullable(),
  signal: z.string().nullable(),
  rank: z.int().nullable(),
  error: z.strictObject({ code: z.string(), data: z.record(z.string(), z.union([z.string(), z.number()])) }).nullable(),
  ended_at: z.iso.datetime(),
});
export type Exit = z.infer<typeof Exit>;

/** Of a run or a comparison. `starting`: it has an attempt and no supervisor yet. `stopping`: it was asked to stop, and saves what it has. `lost`: it neither ended nor runs, so nothing says why. */
export const JobStatus = z.enum(['preparing', 'starting', 'running', 'stopping', 'done', 'stopped', 'failed', 'lost']);
export type JobStatus = z.infer<typeof JobStatus>;

/** Whether a process works on it, or will in a moment. */
export const isActive = (status: JobStatus) => ['starting', 'running', 'stopping'].includes(status);
