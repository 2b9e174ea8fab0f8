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

/** Where an attempt was started. */
export const LaunchRecord = z.strictObject({ target: z.enum(['local']) });
export type LaunchRecord = z.infer<typeof LaunchRecord>;

export const StopRequest = z.strictObject({ requested_at: z.iso.datetime(), requested_by: z.string() });
export type StopRequest = z.infer<typeof StopRequest>;

export const Exit = z.strictObject({
  reason: z.enum(['done', 'stopped', 'failed']),
  code: z.int().nullable(),
  signal: z.string().nullable(),
  rank: z.int().nullable(),
  error: z.strictObject({ code: z.string(), data: z.record(z.string(), z.union([z.string(), z.number()])) }).nullable(),
  ended_at: z.iso.datetime(),
});
export type Exit = z.infer<typeof Exit>;

/** Of a run or a comparison. `lost`: it neither ended nor runs, so nothing says why. */
export const JobStatus = z.enum(['preparing', 'running', 'done', 'stopped', 'failed', 'lost']);
export type JobStatus = z.infer<typeof JobStatus>;
