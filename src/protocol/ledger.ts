/** ledger.jsonl: what a home has opened, fixed, measured and judged. Each line holds the hash of the one before. */
import { z } from 'zod';
import { HashedFile } from './artifact.js';
import { Metric } from './metrics/metrics.js';
import { Decision, Interval } from './verdict.js';

/** What the first line has in place of an earlier line's hash. */
export const LEDGER_START = '0'.repeat(64);

/** A challenger and those it must beat, by what their models are: prompts, seeds and settings do not make another question. */
export const Contest = z.strictObject({
  challenger: z.string(),
  base_sha256: z.string().describe("of the challenger's base, whatever adapter is on it"),
  baselines: z.array(z.string()).min(1).describe('model and adapter of each, by their hashes'),
});
export type Contest = z.infer<typeof Contest>;

/** A verdict in short: enough for the line of attempts when its comparison is erased. */
export const JudgedAttempt = z.strictObject({
  comparison: z.string(),
  challenger: z.string(),
  verdict_sha256: z.string(),
  evidence_sha256: z.string(),
  attempt: z.int().positive(),
  planned_attempts: z.int().positive(),
  decision: Decision,
  would_be: Decision.nullable(),
  metric: Metric,
  margin: z.number(),
  strongest: z.strictObject({ baseline: z.string(), difference: Interval }),
});
export type JudgedAttempt = z.infer<typeof JudgedAttempt>;

const kinds = [
  z.strictObject({
    kind: z.literal('test-opened'),
    comparison: z.string(),
    opening_sha256: z.string().describe('of gate, candidates, test rows and record'),
    rows: z.array(z.string()).min(1).describe("hashes of the rows' prompts"),
  }),
  z.strictObject({
    kind: z.literal('gate-fixed'),
    comparison: z.string(),
    gate_sha256: z.string(),
    metric: Metric,
    margin: z.number(),
    looks: z.int().positive(),
    contests: z.array(Contest).min(1),
  }),
  z.strictObject({
    kind: z.literal('candidate-measured'),
    comparison: z.string(),
    candidate: z.string(),
    identity: z.string(),
    evidence_sha256: z.string().describe("of this candidate's lines"),
  }),
  z.strictObject({ kind: z.literal('evidence-closed'), comparison: z.string(), evidence_sha256: z.string(), num_lines: z.int() }),
  z.strictObject({ kind: z.literal('verdict'), ...JudgedAttempt.shape }),
  z.strictObject({
    kind: z.literal('approval'),
    comparison: z.string(),
    name: z.string(),
    verdict_sha256s: z.array(z.string()).min(1),
    ledger_head: z.string().describe('before this line'),
    public_key: z.string().describe('Ed25519, SPKI in base64'),
    signature: z.string().describe('base64, of the canonical JSON of comparison, name, verdict_sha256s and ledger_head'),
  }),
  z.strictObject({ kind: z.literal('erasure'), job: z.enum(['run', 'comparison']), id: z.string(), tombstone_sha256: z.string() }),
  z.strictObject({ kind: z.literal('run-closed'), run: z.string(), files: z.array(HashedFile).min(1) }),
  z.strictObject({ kind: z.literal('build-made'), run: z.string(), build_sha256: z.string() }),
] as const;

/** What is to be recorded. */
export const LedgerRecord = z.discriminatedUnion('kind', kinds);
export type LedgerRecord = z.infer<typeof LedgerRecord>;

/** A record as a line of the file has it. */
export const LedgerEntry = z.strictObject({ at: z.iso.datetime(), previous_sha256: z.string(), record: LedgerRecord });
export type LedgerEntry = z.infer<typeof LedgerEntry>;
