/** Every schema by the name its generated files carry. */
import { Artifact, ParityReference, RewardReference } from './artifact.js';
import { Build } from './build.js';
import { Candidate } from './candidate.js';
import { ComparisonRecord } from './comparison.js';
import { Endpoint, ServedModel } from './endpoint.js';
import { Event } from './event.js';
import { Evidence } from './evidence.js';
import { Gate } from './gate.js';
import { Inspection } from './inspection.js';
import { LintReport } from './lint.js';
import { ModelRecord } from './model-record.js';
import { Plan } from './plan.js';
import { Price } from './price.js';
import { Recipe } from './recipe.js';
import { Row } from './row.js';
import { Exit, LaunchRecord, ProcessIdentity, RunRecord, StopRequest } from './run.js';
import { Tombstone } from './tombstone.js';
import { Verdict } from './verdict.js';

/** Those that the worker writes or reads; it gets types of these only. */
export const WORKER_SCHEMAS = ['plan', 'event', 'inspection', 'artifact', 'parity-reference', 'reward-reference'] as const;

export const SCHEMAS = {
  recipe: Recipe,
  gate: Gate,
  row: Row,
  plan: Plan,
  event: Event,
  'run-record': RunRecord,
  'process-identity': ProcessIdentity,
  'launch-record': LaunchRecord,
  'stop-request': StopRequest,
  exit: Exit,
  inspection: Inspection,
  lint: LintReport,
  artifact: Artifact,
  'parity-reference': ParityReference,
  'reward-reference': RewardReference,
  build: Build,
  'model-record': ModelRecord,
  endpoint: Endpoint,
  'served-model': ServedModel,
  candidate: Candidate,
  'comparison-record': ComparisonRecord,
  evidence: Evidence,
  verdict: Verdict,
  price: Price,
  tombstone: Tombstone,
};
